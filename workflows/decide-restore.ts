/** The rule of an undo: a value is put back only where what was written still stands; the rest is somebody else's. */
import { Refusal } from '../kernel/errors.ts';
import type { Command } from './commands.ts';
import type { Happening } from './events.ts';
import { hashOfValue, valueAt } from './restored.ts';
import type { Scene } from './scene.ts';

export function restoreValues({ state }: Scene, { operation, fields }: Command<'restore-values'>): Happening[] {
  const moved = fields.filter(({ path, written }) => hashOfValue(valueAt(state, path)) !== written);
  if (moved.length > 0) {
    const names = moved.map(({ path }) => path);
    throw new Refusal('value_moved', `Changed since by somebody else: ${names.join(', ')}.`);
  }
  const restored = fields.map(({ path, was }) => ({ path, ...(was !== undefined && { was }) }));
  return [{ event: { type: 'order-restored', operation, fields: fields.map(({ path }) => path) }, restored }];
}

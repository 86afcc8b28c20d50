/** The rule of an undo: a value is put back only where what was written still stands; the rest is somebody else's. */
import { Refusal } from '../kernel/errors.ts';
import { askedFor } from './ask-check.ts';
import type { Command } from './commands.ts';
import type { Happening } from './events.ts';
import { subscriptionFact } from './facts.ts';
import { restore, standingOf, stillStands } from './restored.ts';
import type { Scene } from './scene.ts';
import { isClosed, type OrderState } from './state.ts';

export function restoreValues({ state }: Scene, { operation, fields }: Command<'restore-values'>): Happening[] {
  const moved = fields.filter((field) => !stillStands(state, field));
  if (moved.length > 0) {
    const names = moved.map(({ path }) => path);
    throw new Refusal('value_moved', `Changed since by somebody else: ${names.join(', ')}.`);
  }
  const restored = fields.map(({ path, was }) => ({ path, ...(was !== undefined && { was }) }));
  const after = restore(state, restored);
  requireSubscription(state, after);
  const names = fields.map(({ path }) => path);
  const event = { type: 'order-restored', operation, fields: names, stands: standingOf(restored) } as const;
  return [{ event, restored }, ...looksLost(state, after)];
}

/** Undoing a pause is no way around an account that is not in order. */
function requireSubscription({ status, facts }: OrderState, after: OrderState): void {
  if (status !== 'paused' || after.status === 'paused' || facts?.[subscriptionFact]?.holds !== false) return;
  throw new Refusal('subscription_inactive', 'The subscription is not active; the order goes on when it is.');
}

/** While an order is closed nobody hears what a look has found: whoever was looking is sent again. */
function looksLost(before: OrderState, after: OrderState): Happening[] {
  if (!isClosed(before) || isClosed(after)) return [];
  const looking = after.stages.filter(({ check }) => check?.isUnderway);
  return looking.map((is) => ({ event: askedFor(is.key, is, is.check?.tries) }));
}

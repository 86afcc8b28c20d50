/** Rules of reminders and of silence: what happens when the timer of a ladder rings, or when nobody has spoken for a week. */

import type { Scene } from '../engine/scene.ts';
import { climbed, inactiveAt, remindedOf, rungsLeft } from '../telling/ladders.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { stillThere } from './guards.ts';

/** The timer may ring early: then it is only set anew. */
export function remind(scene: Scene, { stage: key, round }: Command<'remind'>): Happening[] {
  const { workflow, state, asked } = scene;
  const { current } = stillThere(scene, key, round);
  const about = remindedOf(state, current) ?? '';
  const due = climbed(rungsLeft(workflow, state, current), asked.at);
  if (due.length === 0) return [{ event: { type: 'reminder-checked', stage: key } }];
  return due.map(({ rung, to, passed }) => ({
    event: { type: 'reminder-due', stage: key, round, about, to, rung, ...(passed.length > 0 && { passed }) },
  }));
}

export function checkInactivity({ workflow, state, asked }: Scene): Happening[] {
  const at = inactiveAt(workflow, state);
  return [{ event: { type: at && at <= asked.at ? 'order-inactive' : 'inactivity-checked' } }];
}

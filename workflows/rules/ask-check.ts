/** Asking for a check, under a number of its own: on entry, when somebody has recorded the stage, and again later. */
import { Refusal } from '../../kernel/errors.ts';
import { minutes } from '../../kernel/time.ts';
import type { Scene } from '../engine/scene.ts';
import type { Data } from '../graph/stage.ts';
import type { Stage } from '../graph/workflow.ts';
import type { Happening, OrderEvent } from '../words/events.ts';
import type { Look } from '../words/looks.ts';
import type { OrderState, StageState } from '../words/state.ts';
import { type At, hashOfData } from './guards.ts';

/** A check that has been under way for so long may be asked for again: nobody knows what came of it. */
const patience = minutes(10);

/** What a check looks at. A stage that the system leaves by itself has no record of a person to go by. */
export const looksAt = ({ looks, finds }: Stage, state: OrderState, record: Data): Look[] =>
  looks?.(state, finds ? {} : record) ?? [];

/** The record of a person is kept, and the stage is done when what it says has been looked at. */
export function recorded({ asked }: Scene, { stage, current }: At, data: Data): Happening[] {
  const { key, round } = current;
  const record = { type: 'stage-recorded', stage: key, round, by: asked.actor.id, hash: hashOfData(data) } as const;
  return [{ event: record, data }, { event: askedFor(stage.key, current) }];
}

export function askedFor(stage: string, { round, check }: StageState, tries = 0): OrderEvent {
  return { type: 'check-asked', stage, round, attempt: (check?.attempt ?? 0) + 1, tries };
}

export function requireIdle({ asked }: Scene, { key, check }: StageState): void {
  if (!check?.isUnderway || asked.at.getTime() - check.askedAt.getTime() > patience) return;
  throw new Refusal('request_underway', `"${key}" is already being checked.`);
}

/**
 * What somebody outside answers. The first answer that is awaited moves the stage. One that comes after the stage has
 * failed, was asked for again or is over moves nothing by itself: it is kept beside the stage for a person, who accepts it
 * or dismisses it.
 */
import { Refusal } from '../../kernel/errors.ts';
import type { Scene } from '../engine/scene.ts';
import type { Data } from '../graph/stage.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { isOpen, isUnknown, type OrderState, type StageState } from '../words/state.ts';
import { completed } from './decide-stage.ts';
import { type At, hashOfData, leaveWith, requireOpen, requireReason, stageFor } from './guards.ts';

type Answer = Command<'record-answer'>;

/** An answer that the stage cannot be left with counts as a failure, which a person puts right. */
export function recordAnswer(scene: Scene, answer: Answer): Happening[] {
  const at = stageFor(scene, answer);
  requireSameAsking(at.current, answer);
  if (!isAwaited(at.current, answer)) return [late(scene, at, answer)];
  if (answer.outcome === 'unknown') return [unknown(at, answer)];
  if (answer.outcome === 'failed') return [failed(at, ['vendor_failed'], answer.note)];
  try {
    const data = leaveWith(at, scene.state, { data: answer.data, under: '/data' });
    return [completed(at, { by: scene.asked.actor.id, data })];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [failed(at, ['exit_data_invalid'], error.message)];
  }
}

/** A person has looked at an answer that came late. An accepted one is the work of whoever gave it. */
export function reviewAnswer(scene: Scene, command: Command<'review-answer'>): Happening[] {
  const { stage: key, decision } = command;
  const { late: answer, round } = stageFor(scene, command).current;
  if (!answer) throw new Refusal('nothing_changed', `No answer to "${key}" is left to be looked at.`);
  const reviewed = { type: 'late-answer-reviewed', stage: key, round, dispatch: answer.dispatch, decision } as const;
  if (decision === 'dismiss') return [{ event: reviewed, note: requireReason(scene.asked, 'dismiss an answer') }];
  const at = requireOpen(scene, key);
  const data = leaveWith(at, scene.state, { data: answer.data, under: '/data' });
  return [{ event: reviewed }, completed(at, { by: answer.by, data })];
}

/** What was asked for before the asking was undone says nothing about this time. */
function requireSameAsking({ key, round, asked }: StageState, answer: Answer): void {
  if (answer.round !== round || asked === undefined || answer.asked === undefined || answer.asked === asked) return;
  throw new Refusal('superseded', `"${key}" was requested again. ${answer.dispatch} answers an earlier request.`);
}

function isAwaited(current: StageState, { round, outcome }: Answer): boolean {
  if (current.round !== round || !isOpen(current)) return false;
  return outcome !== 'completed' || !hasFailed(current);
}

/** Failed for certain, also beneath a block; where the outcome is unknown, any answer is awaited. */
function hasFailed(current: StageState): boolean {
  const stands = current.blocked?.was ?? current;
  return stands.status === 'failed' && !isUnknown(current);
}

/** Only that it was done after all is news; and not where the stage was left with just that, or it is kept already. */
function late(scene: Scene, at: At, { dispatch, outcome, round, data, note }: Answer): Happening {
  const { stage, current } = at;
  if (outcome !== 'completed' || isKnown(scene, at, data)) {
    throw new Refusal(
      'superseded',
      `Stage "${stage.key}" is ${current.status} in round ${current.round}; the answer to round ${round} changes nothing.`,
    );
  }
  const about = { stage: stage.key, round: current.round, dispatch, by: scene.asked.actor.id, hash: hashOfData(data) };
  return { event: { type: 'answer-came-late', ...about }, data, ...(note !== undefined && { note }) };
}

function isKnown({ state }: Scene, at: At, given: Data): boolean {
  const { status, data, late: kept } = at.current;
  if (kept && hashOfData(kept.data) === hashOfData(given)) return true;
  return status === 'done' && data !== undefined && hashOfData(data) === hashOfData(asLeft(at, state, given));
}

/** As the stage would be left with it, where it could be. */
function asLeft(at: At, state: OrderState, data: Data): Data {
  try {
    return leaveWith(at, state, { data, under: '/data' });
  } catch (error) {
    if (error instanceof Refusal) return data;
    throw error;
  }
}

/** Said once: told again, nothing is new. */
function unknown({ stage, current }: At, { dispatch, note }: Answer): Happening {
  if (isUnknown(current)) throw new Refusal('superseded', 'Someone is already finding out.');
  return { event: { type: 'outcome-unknown', stage: stage.key, round: current.round, dispatch }, note };
}

/** Told again, or by a second way, nothing is new. */
function failed({ stage, current }: At, rules: string[], note?: string): Happening {
  if (hasFailed(current)) throw new Refusal('superseded', `"${stage.key}" has already failed.`);
  return { event: { type: 'check-failed', stage: stage.key, round: current.round, rules }, note };
}

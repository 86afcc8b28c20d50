/**
 * Doing something again: a failed check or call, everything from a stage on, or what nobody knows the outcome of. What
 * was done outside once is not asked for again; where its outcome is unknown, a person finds out and says so first.
 */
import { Refusal } from '../../kernel/errors.ts';
import { entered } from '../engine/follow.ts';
import type { Scene } from '../engine/scene.ts';
import { descendantsOf } from '../graph/paths.ts';
import type { Command } from '../words/commands.ts';
import type { DeadItem } from '../words/effects.ts';
import type { Happening } from '../words/events.ts';
import { applies } from '../words/facts.ts';
import { isUnknown } from '../words/state.ts';
import { completed, sentBack } from './decide-stage.ts';
import { type At, leaveWith, lookAt, openStage, requireLasting, requireOpen, requireReason } from './guards.ts';
import { type Attempt, replayOf } from './safety.ts';

/**
 * Under a new round, so that a late answer to the first try is not taken for one to the second. Where nothing has failed
 * but work of the stage was given up, that is taken up in the same round: nothing was asked for that could be answered twice.
 */
export function retryStage(scene: Scene, command: Command<'retry-stage'>): Happening[] {
  const { stage: key, dead = [] } = command;
  if (dead.length > 0 && lookAt(scene, key).current.status !== 'failed') return [takenUp(scene, key, dead)];
  const at = openStage(scene, command);
  if (at.current.status !== 'failed') throw new Refusal('stage_not_ready', `Nothing has failed in "${key}".`);
  requireKnown(at);
  const event = { type: 'stage-retried', stage: key, round: at.current.round } as const;
  return [{ event, note: scene.asked.reason }, again(scene, at)];
}

/** Back to the beginning of a stage that was opened before; those outside who have done their part keep it. */
export function restartStage(scene: Scene, { stage: key }: Command<'restart-stage'>): Happening[] {
  const note = requireReason(scene.asked, 'restart from a stage');
  const { stage, current } = lookAt(scene, key);
  if (current.status === 'locked' || (stage.when && !applies(stage.when, scene.state))) {
    throw new Refusal('stage_not_ready', `"${key}" has not been opened: there is nothing to restart.`);
  }
  if (replayOf(stage.gateRules.replay, attemptOf({ stage, current })) === 'skip') {
    throw new Refusal('stage_finished', `"${key}" was done outside and is not asked for twice; send it back instead.`);
  }
  requireLasting(scene, key);
  const later = descendantsOf(scene.workflow.stages, key).map((each) => lookAt(scene, each));
  for (const at of [{ stage, current }, ...later]) requireKnown(at);
  const kept = later.filter((at) => replayOf(at.stage.gateRules.replay, attemptOf(at)) === 'skip');
  const { event, ...beside } = sentBack(scene, { from: key, to: key, note });
  return [
    { ...beside, event: { ...event, ...(kept.length > 0 && { kept: kept.map((at) => at.stage.key) }) } as never },
  ];
}

/** A person has found out: it was done, with these data, or it was not, and is asked for again. */
export function resolveOutcome(scene: Scene, command: Command<'resolve-outcome'>): Happening[] {
  const { stage: key, outcome, data: given } = command;
  const note = requireReason(scene.asked, 'say what became of it');
  const at = openStage(scene, command);
  if (!isUnknown(at.current)) throw new Refusal('stage_not_ready', `The outcome of "${key}" is not in doubt.`);
  const resolved = { event: { type: 'outcome-resolved', stage: key, round: at.current.round, outcome } as const, note };
  if (outcome === 'not_done') return [resolved, again(scene, at)];
  const data = leaveWith(at, scene.state, { data: given, under: '/data' });
  return [resolved, completed(at, { by: scene.asked.actor.id, data })];
}

function takenUp(scene: Scene, key: string, dead: DeadItem[]): Happening {
  const { current } = requireOpen(scene, key);
  return { event: { type: 'stage-retried', stage: key, round: current.round, dead }, note: scene.asked.reason };
}

const again = (scene: Scene, { stage, current }: At): Happening => ({
  event: entered(scene, stage, current.round + 1),
});

function requireKnown({ stage, current }: At): void {
  if (replayOf(stage.gateRules.replay, attemptOf({ stage, current })) !== 'ask-a-person') return;
  const cure = isUnknown(current) ? 'find out, and say so,' : 'wait for the answer, or complete the stage by hand,';
  const message = `Whether "${stage.key}" was done is unknown: ${cure} before it is asked for again.`;
  throw new Refusal('outcome_unknown', message);
}

/** While a vendor is at work, or is asked for what is blocked besides, it may be done at any moment. */
function attemptOf({ stage, current }: At): Attempt {
  if (isUnknown(current)) return 'unknown';
  if (stage.gateRules.replay !== 'once') return 'never';
  const { status } = current.blocked ? (current.blocked.was ?? { status: 'locked' }) : current;
  if (status === 'waiting') return 'unknown';
  return status === 'done' ? 'succeeded' : status === 'failed' ? 'failed' : 'never';
}

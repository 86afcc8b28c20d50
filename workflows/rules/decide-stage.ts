/** Rules of a stage that is worked on: beginning it, leaving it with data, sending it back, checking it. */
import { Refusal } from '../../kernel/errors.ts';
import type { Scene } from '../engine/scene.ts';
import { descendantsOf } from '../graph/paths.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { isOpen, stateOf } from '../words/state.ts';
import { looksAt, recorded, requireIdle } from './ask-check.ts';
import {
  type At,
  hashOfData,
  leaveWith,
  lookAt,
  openStage,
  requireFacts,
  requireLasting,
  requireNoObjection,
  requireReason,
  stillThere,
} from './guards.ts';

export function beginStage(scene: Scene, command: Command<'begin-stage'>): Happening[] {
  const { stage: key } = command;
  const at = openStage(scene, command);
  if (at.current.status !== 'ready')
    throw new Refusal('stage_begun', `Stage "${key}" is ${at.current.status} already.`);
  at.stage.gateRules.admitPerson?.(scene, at.stage, scene.asked.actor);
  return [{ event: { type: 'stage-begun', stage: key, round: at.current.round, by: scene.asked.actor.id } }];
}

export function completeStage(scene: Scene, command: Command<'complete-stage'>): Happening[] {
  const { stage: key, data: given } = command;
  const at = openStage(scene, command);
  if (at.stage.check || at.stage.finds) {
    throw new Refusal('wrong_gate', `Stage "${key}" is checked by the system alone.`);
  }
  at.stage.gateRules.admitPerson?.(scene, at.stage, scene.asked.actor);
  requireNoObjection(scene, at);
  const data = leaveWith(at, scene.state, { data: given, under: '/data' });
  requireIdle(scene, at.current);
  if (looksAt(at.stage, scene.state, data).length > 0) return recorded(scene, at, data);
  return [completed(at, { by: scene.asked.actor.id, data })];
}

export function sendBack(scene: Scene, { stage: key, to }: Command<'send-back'>): Happening[] {
  const { stage, current } = lookAt(scene, key);
  lookAt(scene, to, '/to');
  const reason = requireReason(scene.asked, 'send a stage back');
  if (!isOpen(current))
    throw new Refusal('stage_not_ready', `Stage "${key}" is ${current.status}; only an open one goes back.`);
  if (!stage.backTo.includes(to)) {
    const ways = stage.backTo.length > 0 ? `It goes back to: ${stage.backTo.join(', ')}.` : 'It does not go back.';
    throw new Refusal('stage_not_reachable', `Stage "${key}" does not go back to "${to}". ${ways}`, [
      { pointer: '/to', rule: 'not_declared', message: ways },
    ]);
  }
  requireLasting(scene, to);
  return [sentBack(scene, { from: key, to, note: reason })];
}

/** The check itself looks at the order alone; what fails stays visible as `failed`, for a person to put right. */
export function runCheck(scene: Scene, { stage: key, round }: Command<'run-check'>): Happening[] {
  const at = stillThere(scene, key, round);
  requireFacts(scene, at);
  if (!at.stage.check) throw new Refusal('wrong_gate', `Stage "${key}" has no check that the system could run.`);
  const faults = at.stage.check(scene.state);
  if (faults.length === 0) return [completed(at, { by: scene.asked.actor.id, data: {} })];
  if (at.current.status === 'failed') throw new Refusal('superseded', `The check of "${key}" still fails.`);
  const note = faults.map(({ message }) => message).join(' ');
  return [{ event: { type: 'check-failed', stage: key, round, rules: faults.map(({ rule }) => rule) }, note }];
}

export function completed(
  { stage, current }: At,
  { by, data }: { by: string; data: Record<string, unknown> },
): Happening {
  const hash = hashOfData(data);
  return { event: { type: 'stage-completed', stage: stage.key, round: current.round, by, hash }, data };
}

/** Back to `to` under a new round; everything that depends on it is locked again, and its approvals are void with it. */
export function sentBack({ workflow, state }: Scene, back: { from: string; to: string; note?: string }): Happening {
  const { from, to, note } = back;
  const relocked = descendantsOf(workflow.stages, to).filter((key) => stateOf(state, key).status !== 'locked');
  const round = stateOf(state, to).round + 1;
  return { event: { type: 'stage-sent-back', from, to, round, relocked }, note };
}

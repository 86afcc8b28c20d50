/**
 * Rules of an approval: it is bound to the hash of what was shown. When that has changed, or the stage has gone into
 * another round, a decision on the old showing is void.
 */
import { Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import { entered } from '../engine/follow.ts';
import type { Scene } from '../engine/scene.ts';
import { shownHash } from '../gates/approval.ts';
import { isAskedElsewhere, personOf, readerOf } from '../gates/reader.ts';
import type { Stage } from '../graph/workflow.ts';
import type { Command } from '../words/commands.ts';
import type { Person } from '../words/effects.ts';
import type { Happening } from '../words/events.ts';
import { isOver, type StageState } from '../words/state.ts';
import { completed, sentBack } from './decide-stage.ts';
import { type At, lookAt, openStage, requireReader, requireReason, stillThere } from './guards.ts';

/**
 * Asks again, under a new round. Only once the last request is known, so that asking twice mails once. With a recipient it
 * names who approves from now on, in this stage and in those to come: they are asked as soon as the stage may ask.
 */
export function requestApproval(scene: Scene, command: Command<'request-approval'>): Happening[] {
  const { stage: key, recipient } = command;
  const named = recipient && nameApprover(scene, command, recipient);
  if (named && mustWait(scene, named)) return [named.naming];
  const { stage, current } = openStage(scene, command);
  if (!named && !current.approval)
    throw new Refusal('request_underway', `The approval of "${key}" is being asked for already.`);
  const asking = { event: entered(scene, stage, current.round + 1) };
  return named ? [named.naming, { ...asking, recipient }] : [asking];
}

interface Named {
  current: StageState;
  naming: Happening;
}

function nameApprover(scene: Scene, { type, stage: key }: Command<'request-approval'>, recipient: Person): Named {
  const { stage, current } = lookAt(scene, key);
  if (!stage.gateRules.takes.includes(type)) openStage(scene, { type, stage: key });
  if (isOver(current)) throw new Refusal('stage_finished', `Stage "${key}" is ${current.status} already.`);
  const reader = readerOf(stage, scene.state, current);
  const isAsked = current.reader !== undefined && !isAskedElsewhere(stage, scene.state, current);
  if (!current.approval && isAsked && reader && hashOf(personOf(reader)) === hashOf(recipient)) {
    throw new Refusal('request_underway', `The approval of "${key}" is being asked for already.`);
  }
  const event = { type: 'approver-named', stage: key, round: current.round, hash: hashOf(recipient) } as const;
  return { current, naming: { event, recipient } };
}

/** A stage that is not open yet, or lacks something, asks when its turn comes; a paused order, when it is resumed. */
const mustWait = ({ state }: Scene, { current }: Named): boolean =>
  state.status === 'paused' || current.status === 'locked' || current.blocked !== undefined;

export function recordApproval(scene: Scene, command: Command<'record-approval'>): Happening[] {
  const { stage: key, round, approval, to } = command;
  const at = stillThere(scene, key, round);
  requireReader(scene, at, to);
  const { current } = at;
  if (current.approval === approval) throw new Refusal('superseded', 'The approval request is already recorded.');
  return [{ event: { type: 'approval-recorded', stage: key, round, approval } }];
}

export function decideApproval(scene: Scene, command: Command<'decide-approval'>): Happening[] {
  const { stage: key, round, approval, hash, decision, comment } = command;
  const at = openStage(scene, command);
  if (scene.asked.actor.type !== 'client') throw new Refusal('forbidden', 'Only the client decides an approval.');
  if (at.current.waitingFor === 'approval-expired') throw new Refusal('approval_expired', 'The approval has expired.');
  requireSameShowing(scene, at, command);

  const decided = { type: 'approval-decided', stage: key, round, approval, decision, hash } as const;
  if (decision === 'changes') return [{ event: decided, note: comment }, changed(scene, at, comment)];
  return [{ event: decided, note: comment }, completed(at, { by: scene.asked.actor.id, data: { hash } })];
}

const delegationsAllowed = 3;

/** The decision goes to another person: what is shown is asked of them under a new round, and the old page is void. */
export function delegateApproval(scene: Scene, command: Command<'delegate-approval'>): Happening[] {
  const { stage: key, round, approval, recipient } = command;
  const { stage, current } = openStage(scene, command);
  if (scene.asked.actor.type !== 'client') throw new Refusal('forbidden', 'Only the client can pass a decision on.');
  if (current.waitingFor !== 'approval') throw new Refusal('approval_expired', 'The approval is no longer requested.');
  if (round !== current.round || approval !== current.approval) {
    throw new Refusal('approval_void', `The decision on "${key}" is asked for anew.`);
  }
  if ((current.delegated ?? 0) >= delegationsAllowed) {
    throw new Refusal('delegated_too_often', `"${key}" has already been passed on ${delegationsAllowed} times.`);
  }
  return [
    { event: { type: 'approval-delegated', stage: key, round, approval } },
    { event: entered(scene, stage, round + 1), recipient },
  ];
}

/** A round more than the tier includes, sold or given: the changes that the client asked for go their way. */
export function grantRound(scene: Scene, command: Command<'grant-round'>): Happening[] {
  const { stage: key } = command;
  const { stage, current } = openStage(scene, command);
  const note = requireReason(scene.asked, 'grant a round');
  if (current.waitingFor !== 'change-order')
    throw new Refusal('stage_not_ready', `"${key}" is not waiting for another round.`);
  const granted = { type: 'round-granted', stage: key, round: current.round } as const;
  return [{ event: granted, note }, sentBack(scene, { from: key, to: wayBack(stage), note: current.note })];
}

/** The ball goes to the agency, which asks again or speaks with the client; the order itself is not in error. */
export function expireApproval(scene: Scene, { stage: key, round }: Command<'expire-approval'>): Happening[] {
  const { current } = stillThere(scene, key, round);
  if (current.waitingFor !== 'approval')
    throw new Refusal('superseded', `Stage "${key}" is not waiting for an approval.`);
  return [{ event: { type: 'approval-expired', stage: key, round } }];
}

function requireSameShowing({ state }: Scene, { stage, current }: At, shown: Command<'decide-approval'>): void {
  const isCurrent = shown.round === current.round && (!current.approval || shown.approval === current.approval);
  const isSame = shown.hash === current.hash && current.hash === shownHash(state, stage);
  if (!isCurrent || !isSame) throw new Refusal('approval_void', `What "${stage.key}" shows has changed.`);
}

/** Beyond what the tier includes, the changes are kept and the ball goes to the agency; the client may still approve. */
function changed(scene: Scene, { stage, current }: At, note?: string): Happening {
  const included = stage.rounds?.[scene.state.tier] ?? Number.POSITIVE_INFINITY;
  const asked = current.changes ?? 0;
  if (asked > included)
    throw new Refusal('rounds_used_up', `The agency decides about further rounds of "${stage.key}".`);
  if (asked === included) return { event: { type: 'rounds-used-up', stage: stage.key, round: current.round } };
  return sentBack(scene, { from: stage.key, to: wayBack(stage), note });
}

function wayBack({ key, backTo }: Stage): string {
  const [to] = backTo;
  if (!to) throw new Error(`Approval "${key}" has no way back.`);
  return to;
}

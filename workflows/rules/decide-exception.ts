/**
 * Rules of an exception: who asks for it can't grant it, nor can who has worked on the stage. It takes evidence, covers what
 * did not hold when it was asked for and nothing else, and is revoked with a reason. Guarded stages have it too: they are
 * guarded against being skipped, not against going on.
 */
import { Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import type { Scene } from '../engine/scene.ts';
import type { Data } from '../graph/stage.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { type Exception, isPending } from '../words/exceptions.ts';
import type { StageState } from '../words/state.ts';
import { requireIdle } from './ask-check.ts';
import { completed, sentBack } from './decide-stage.ts';
import { type At, leaveWith, lookAt, requireOpen, requireReason } from './guards.ts';
import { deedsOn } from './second-person.ts';

export function requestException(scene: Scene, command: Command<'request-exception'>): Happening[] {
  const { stage: key, evidence } = command;
  const at = requireOpen(scene, key);
  const reason = requireReason(scene.asked, 'request an exception');
  if (isPending(at.current.exception)) {
    throw new Refusal('request_underway', `An exception for "${key}" has been requested already.`);
  }
  const looks = requireShortcomings(scene, at);
  const data = dataFor(scene, at, command.data);
  const { actor, at: requestedAt } = scene.asked;
  const exception = { looks, reason, evidence, requestedBy: actor.id, requestedAt, ...(data && { data }) };
  const event = { type: 'exception-requested', stage: key, round: at.current.round, by: actor.id } as const;
  return [{ event: { ...event, hash: hashOf({ reason, evidence }) }, exception }];
}

export function decideException(scene: Scene, command: Command<'decide-exception'>): Happening[] {
  const { stage: key, decision } = command;
  const at = requireOpen(scene, key);
  const { exception, round } = at.current;
  if (!isPending(exception)) throw notRequested(key);
  requireOther(scene, at, exception);
  const about = { stage: key, round, by: scene.asked.actor.id, requestedBy: exception.requestedBy };
  if (decision === 'refuse') {
    return [
      { event: { type: 'exception-refused', ...about }, note: requireReason(scene.asked, 'refuse an exception') },
    ];
  }
  requireSameShortcomings(scene, at, exception);
  const by = at.current.doer ?? exception.requestedBy;
  const data = exception.data ?? at.current.data ?? {};
  return [{ event: { type: 'exception-granted', ...about }, note: scene.asked.reason }, completed(at, { by, data })];
}

/** A request is withdrawn; what was granted is taken back, and the stage is done again. */
export function revokeException(scene: Scene, { stage: key }: Command<'revoke-exception'>): Happening[] {
  const note = requireReason(scene.asked, 'revoke an exception');
  const { exception, round } = lookAt(scene, key).current;
  if (!exception) throw notRequested(key);
  const event = { type: 'exception-revoked', stage: key, round, by: scene.asked.actor.id } as const;
  return isPending(exception) ? [{ event, note }] : [{ event, note }, sentBack(scene, { from: key, to: key, note })];
}

const notRequested = (key: string): Refusal =>
  new Refusal('exception_not_requested', `No exception for "${key}" has been requested.`);

/** The looks that do not hold; nothing is excepted that passes, or that nobody has looked at. */
function requireShortcomings(scene: Scene, { stage, current }: At): string[] {
  const { key, looks, check } = stage;
  if (!looks && !check)
    throw new Refusal('wrong_gate', `"${key}" is not checked by the system: complete it with its data.`);
  requireIdle(scene, current);
  const failing = failingLooks(current);
  if (failing.length > 0 || (check && current.status === 'failed')) return failing;
  throw new Refusal('stage_not_ready', `No check of "${key}" has failed: let it be checked first.`);
}

const failingLooks = ({ check }: StageState): string[] =>
  (check?.looked ?? []).filter(({ verdict }) => verdict !== 'holds').map(({ look }) => look);

function requireSameShortcomings(scene: Scene, { stage, current }: At, { looks }: Exception): void {
  requireIdle(scene, current);
  const others = failingLooks(current).filter((look) => !looks.includes(look));
  if (others.length === 0) return;
  throw new Refusal(
    'stage_not_ready',
    `More of "${stage.key}" does not hold than the exception is for: ${others.join('; ')}. Refuse it, and let it be requested anew.`,
  );
}

/** Where the system leaves the stage by itself, somebody has to say what it would have found. */
function dataFor({ state }: Scene, at: At, given: Data | undefined): Data | undefined {
  if (at.stage.finds) return leaveWith(at, state, { data: given ?? {}, under: '/data' });
  if (given === undefined) return undefined;
  const message = 'Leave the data out: what was recorded counts.';
  throw new Refusal('invalid_request', `"${at.stage.key}" has its data already.`, [
    { pointer: '/data', rule: 'not_offered', message },
  ]);
}

function requireOther({ state, asked }: Scene, { stage: { key } }: At, { requestedBy }: Exception): void {
  const { id } = asked.actor;
  const deeds = deedsOn(state, key, id);
  if (id !== requestedBy && deeds.length === 0) return;
  const did = deeds.length > 0 ? deeds.join(', ') : `appealed "${key}"`;
  throw new Refusal(
    'same_person',
    `An exception is granted by someone else than who asks for it or did the work: ${id} ${did}.`,
  );
}

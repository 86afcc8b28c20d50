/**
 * What only an Order Admin may do, and only with a reason: skip a stage, or put one where it would not go by itself.
 * Overrides are counted on the order. Nobody gets past an approval of spend, tracking or launch.
 */
import { Refusal } from '../../kernel/errors.ts';
import type { Scene } from '../engine/scene.ts';
import { ancestorsOf } from '../graph/paths.ts';
import type { Stage } from '../graph/workflow.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { applies } from '../words/facts.ts';
import { isOpen, isOver, stateOf } from '../words/state.ts';
import { completed, sentBack } from './decide-stage.ts';
import { type At, lookAt, requireLasting, requireNoObjection, requireReason } from './guards.ts';

export function skipStage(scene: Scene, { stage: key }: Command<'skip-stage'>): Happening[] {
  const note = admitAdmin(scene, 'skip a stage');
  return [skipOpen(scene, lookAt(scene, key), { why: 'skip', note })];
}

export function overrideStage(scene: Scene, { stage: key, action }: Command<'override-stage'>): Happening[] {
  const note = admitAdmin(scene, 'override a stage');
  const at = lookAt(scene, key);
  const overridden = { event: { type: 'stage-overridden', stage: key, action }, note } as const;
  return [...overrides[action](scene, at, note), overridden];
}

type Override = (scene: Scene, at: At, note: string) => Happening[];

const overrides: Record<Command<'override-stage'>['action'], Override> = {
  complete(scene, at) {
    requireNotGuarded(at);
    if (isOver(at.current))
      throw new Refusal('stage_finished', `Stage "${at.stage.key}" is ${at.current.status} already.`);
    if (!isOpen(at.current))
      throw new Refusal('stage_not_ready', `Stage "${at.stage.key}" is locked; move there first.`);
    requireNoObjection(scene, at);
    return [completed(at, { by: scene.asked.actor.id, data: at.current.data ?? {} })];
  },
  reopen(scene, { stage, current }, note) {
    requirePart(scene, stage);
    if (!isOver(current)) throw new Refusal('stage_open', `Stage "${stage.key}" is ${current.status}, not over.`);
    requireLasting(scene, stage.key);
    return [sentBack(scene, { from: stage.key, to: stage.key, note })];
  },
  skip: (scene, at, note) => [skipOpen(scene, at, { why: 'override', note })],
  move(scene, at, note) {
    requirePart(scene, at.stage);
    if (isOpen(at.current)) throw new Refusal('stage_open', `Stage "${at.stage.key}" is already open.`);
    if (isOver(at.current)) requireLasting(scene, at.stage.key);
    if (isOver(at.current)) return [sentBack(scene, { from: at.stage.key, to: at.stage.key, note })];
    const before = unfinishedBefore(scene, at);
    if (before.length === 0)
      throw new Refusal('stage_not_ready', `"${at.stage.key}" is waiting for information, not for other stages.`);
    return before.map((unfinished) => skipped(scene, unfinished, { why: 'override', note }));
  },
};

/** A stage that the tier or the options leave out would be skipped again at once. */
function requirePart({ state }: Scene, { key, when }: Stage): void {
  if (!when || applies(when, state)) return;
  throw new Refusal('stage_not_reachable', `"${key}" is no part of this order: ${when.otherwise}`);
}

function unfinishedBefore(scene: Scene, { stage }: At): At[] {
  const before = ancestorsOf(scene.workflow.stages, stage.key);
  const keys = scene.workflow.stages.map(({ key }) => key).filter((key) => before.has(key));
  return keys.map((key) => lookAt(scene, key)).filter(({ current }) => !isOver(current));
}

/** A stage further on cannot be skipped ahead: what follows it would open before what comes before it is over. */
function skipOpen(scene: Scene, at: At, because: { why: 'skip' | 'override'; note: string }): Happening {
  requireNotGuarded(at);
  if (at.current.status === 'locked') {
    throw new Refusal('stage_not_ready', `Stage "${at.stage.key}" is locked; only an open stage is skipped.`);
  }
  return skipped(scene, at, because);
}

function skipped(scene: Scene, at: At, { why, note }: { why: 'skip' | 'override'; note: string }): Happening {
  requireNotGuarded(at);
  const { key } = at.stage;
  if (isOver(at.current)) throw new Refusal('stage_finished', `Stage "${key}" is ${at.current.status} already.`);
  if (key === scene.workflow.stages.at(-1)?.key) throw new Refusal('not_skippable', `"${key}" is the end.`);
  return { event: { type: 'stage-skipped', stage: key, round: stateOf(scene.state, key).round, why }, note };
}

function requireNotGuarded({ stage }: At): void {
  if (!stage.guards) return;
  const wayOn = stage.looks
    ? 'If its check cannot be passed, request an exception with evidence.'
    : stage.gateRules.wayOut;
  throw new Refusal(
    'not_skippable',
    `"${stage.key}" guards ${stage.guards} and cannot be skipped. ${capitalised(wayOn)}`,
  );
}

const capitalised = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

function admitAdmin({ asked }: Scene, what: string): string {
  if (asked.actor.role !== 'order_admin') throw new Refusal('forbidden', `Only an Order Admin may ${what}.`);
  return requireReason(asked, what);
}

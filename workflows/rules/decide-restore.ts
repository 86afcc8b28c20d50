/** The rule of an undo: a value is put back only where what was written still stands; the rest is somebody else's. */
import { Refusal } from '../../kernel/errors.ts';
import { restore, standingOf, stillStands } from '../engine/restored.ts';
import type { Scene } from '../engine/scene.ts';
import { stageOf } from '../graph/paths.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { subscriptionFact } from '../words/facts.ts';
import { isClosed, type OrderState, type StageState, stateOf } from '../words/state.ts';
import { askedAnew, isExpecting } from './ask-anew.ts';

export function restoreValues(scene: Scene, { operation, fields }: Command<'restore-values'>): Happening[] {
  const { state } = scene;
  const moved = fields.filter((field) => !stillStands(state, field));
  if (moved.length > 0) {
    const names = moved.map(({ path }) => path);
    throw new Refusal('value_moved', `Changed by someone else since: ${names.join(', ')}.`);
  }
  const restored = fields.map(({ path, was }) => ({ path, ...(was !== undefined && { was }) }));
  const after = restore(state, restored);
  requireSubscription(state, after);
  const names = fields.map(({ path }) => path);
  const event = { type: 'order-restored', operation, fields: names, stands: standingOf(restored) } as const;
  return [{ event, restored }, ...looksLost(scene, state, after)];
}

/** Undoing a pause is no way around an account that is not in order. */
function requireSubscription({ status, facts }: OrderState, after: OrderState): void {
  if (status !== 'paused' || after.status === 'paused' || facts?.[subscriptionFact]?.holds !== false) return;
  throw new Refusal('subscription_inactive', 'The subscription is not active. The order continues when it is.');
}

/**
 * Nobody hears what comes for a closed order, or for a stage that is over or in another round: who was looking is sent
 * again, what was to be sent to the client is, and what a vendor has said meanwhile a person finds out.
 */
function looksLost({ workflow }: Scene, before: OrderState, after: OrderState): Happening[] {
  const lost = after.stages.filter((current) => isExpecting(current) && !wasHeard(before, current));
  return lost.flatMap(({ key }) => askedAnew({ workflow, state: after }, stageOf(workflow, key)));
}

function wasHeard(before: OrderState, { key, round }: StageState): boolean {
  const was = stateOf(before, key);
  return !isClosed(before) && isExpecting(was) && was.round === round;
}

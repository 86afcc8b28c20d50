/** The rule of an undo: a value is put back only where what was written still stands; the rest is somebody else's. */
import { Refusal } from '../../kernel/errors.ts';
import { changesOf, restore, standingOf, stillStands } from '../engine/restored.ts';
import type { Scene } from '../engine/scene.ts';
import { stageOf } from '../graph/paths.ts';
import { isToldCancelled, lastClosing, undoUntil } from '../words/closing.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { subscriptionFact } from '../words/facts.ts';
import { isClosed, type OrderState, type StageState, stateOf } from '../words/state.ts';
import { askedAnew, isExpecting } from './ask-anew.ts';
import { requireReason } from './guards.ts';

export function restoreValues(scene: Scene, { operation, fields }: Command<'restore-values'>): Happening[] {
  const moved = fields.filter((field) => !stillStands(scene.state, field));
  if (moved.length > 0) {
    const names = moved.map(({ path }) => path);
    throw new Refusal('value_moved', `Changed by someone else since: ${names.join(', ')}.`);
  }
  return putBack(scene, operation, fields);
}

/** A closed order stays as it is: nothing of what the closing wrote can have been changed but by another closing. */
export function undoClosing(scene: Scene, { closing }: Command<'undo-closing'>): Happening[] {
  const { state, asked } = scene;
  const note = requireReason(asked, 'undo the end of an order');
  if (!isClosed(state)) throw new Refusal('order_open', `The order is ${state.status}.`);
  const last = lastClosing(state);
  if (!last) throw new Refusal('not_undoable', 'How the order was before it was closed is not known.');
  if (last.how !== closing) {
    const message = `The last thing done to it was "${last.how}"; undo that.`;
    throw new Refusal('value_moved', message, [{ pointer: '/closing', rule: 'not_the_last', message }]);
  }
  const until = undoUntil(last);
  if (until <= asked.at) throw new Refusal('undo_expired', `It could be undone until ${until.toISOString()}.`);
  const { closings: _, clearedAt: __, closedAt: ___, ...open } = state;
  const earlier = state.closings?.slice(0, -1) ?? [];
  const before = { ...open, ...last.was, ...(earlier.length > 0 && { closings: earlier }) };
  const values = changesOf(before, state).map(({ path, was }) => ({ path, ...(was !== undefined && { was }) }));
  const [restored, ...rest] = putBack(scene, `undo-${closing}`, values);
  return restored ? [{ ...restored, note }, ...rest] : rest;
}

function putBack(scene: Scene, operation: string, values: readonly { path: string; was?: unknown }[]): Happening[] {
  const { state } = scene;
  const restored = values.map(({ path, was }) => ({ path, ...(was !== undefined && { was }) }));
  const after = restore(state, restored);
  requireSubscription(state, after);
  const fields = values.map(({ path }) => path);
  const corrects = isToldCancelled(state) && !isClosed(after) ? ({ corrects: 'order-cancelled' } as const) : {};
  const event = { type: 'order-restored', operation, fields, stands: standingOf(restored), ...corrects } as const;
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
  if (isClosed(after)) return [];
  const lost = after.stages.filter((current) => isExpecting(current) && !wasHeard(before, current));
  return lost.flatMap(({ key }) => askedAnew({ workflow, state: after }, stageOf(workflow, key)));
}

function wasHeard(before: OrderState, { key, round }: StageState): boolean {
  const was = stateOf(before, key);
  return !isClosed(before) && isExpecting(was) && was.round === round;
}

/**
 * One command, from asking to the change to commit: decide, let follow what follows by itself, and collect the events
 * and the effects. Pure; the same question on the same state always has the same answer. A second asking under the
 * same work id is the caller's business: it is found in the document's `applied`.
 */

import { Refusal } from '../kernel/errors.ts';
import { keepTime } from './clock.ts';
import type { Command, OrderCommand } from './commands.ts';
import { create } from './decide-order.ts';
import type { Effect } from './effects.ts';
import { effectsOf } from './effects-of.ts';
import { decide } from './engine.ts';
import type { Happening, OrderEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { follow } from './follow.ts';
import { workflowFor } from './index.ts';
import type { Asked } from './scene.ts';
import type { OrderState } from './state.ts';
import { setTimers } from './timers.ts';
import type { Workflow } from './workflow.ts';

export interface Change {
  state: OrderState;
  events: OrderEvent[];
  effects: Effect[];
}

/** What `command` does to the order, or a thrown Refusal. `state` is undefined only for `create-order`. */
export function run(state: OrderState | undefined, command: OrderCommand, asked: Asked): Change {
  if (command.type === 'create-order') return open(state, command, asked);
  if (!state) throw new Refusal('order_not_found', `There is no order to ${command.type}.`);
  const workflow = workflowFor(state.product, state.workflowVersion);
  return unfold(workflow, state, { first: decide({ workflow, state, asked }, command), at: asked.at });
}

function open(state: OrderState | undefined, command: Command<'create-order'>, { at }: Asked): Change {
  if (state) throw new Refusal('order_exists', 'The order exists already.');
  const workflow = workflowFor(command.product);
  return unfold(workflow, undefined, { first: create(workflow, command), at });
}

/** Applies what happened, then what follows from it, until nothing does. */
export function unfold(
  workflow: Workflow,
  before: OrderState | undefined,
  begun: { first: Happening[]; at: Date },
): Change {
  const events: OrderEvent[] = [];
  const effects: Effect[] = [];
  let state = before;
  for (let next = begun.first; next.length > 0; next = state ? follow(workflow, state) : []) {
    for (const happening of next) {
      state = evolve(state, happening, begun.at);
      events.push(happening.event);
      effects.push(...effectsOf(workflow, state, happening));
    }
  }
  if (!state) throw new Error('Nothing happened.');
  const timed = keepTime(workflow, { before, after: state, at: begun.at });
  const set = setTimers(workflow, { before, after: timed.state, at: begun.at });
  return {
    state: set.state,
    events: [...events, ...timed.events, ...set.events],
    effects: [...effects, ...set.effects, ...rechecks(events)],
  };
}

/**
 * The account is asked once more by whatever begins to listen or to wait: a fact that changed just before was spread to
 * the orders that were there, and listening, then.
 */
function rechecks(events: OrderEvent[]): Effect[] {
  const listens: OrderEvent['type'][] = ['order-created', 'order-migrated', 'stage-blocked'];
  return events.some(({ type }) => listens.includes(type)) ? [{ type: 'recheck' }] : [];
}

/** What happened, applied to the state together with everything that follows from it by itself: the change to commit. */

import { stageOf } from '../graph/paths.ts';
import type { Workflow } from '../graph/workflow.ts';
import { withLoad } from '../rules/assignment.ts';
import { keepTime } from '../time/clock.ts';
import { setTimers } from '../time/timers.ts';
import type { Effect } from '../words/effects.ts';
import type { Happening, OrderEvent } from '../words/events.ts';
import type { OrderState } from '../words/state.ts';
import { effectsOf, watchEffects } from './effects-of.ts';
import { evolve } from './evolve.ts';
import { follow } from './follow.ts';
import { isMoved } from './restored.ts';

export interface Change {
  state: OrderState;
  events: OrderEvent[];
  effects: Effect[];
}

/** Applies what happened, then what follows from it, until nothing does. */
export function unfold(
  workflow: Workflow,
  before: OrderState | undefined,
  begun: { first: Happening[]; at: Date; work?: string | undefined },
): Change {
  const events: OrderEvent[] = [];
  const effects: Effect[] = [];
  let state = before;
  for (let next = begun.first; next.length > 0; next = state ? follow(workflow, state) : []) {
    for (const following of next) {
      const happening = asking(workflow, following, begun.work);
      state = evolve(state, happening, begun.at);
      events.push(happening.event);
      effects.push(...effectsOf(workflow, state, happening));
    }
  }
  if (!state) throw new Error('Nothing happened.');
  const timed = keepTime(workflow, { before, after: state, at: begun.at });
  const set = setTimers(workflow, { before, after: timed.state, at: begun.at });
  const after = withLoad(set.state);
  return {
    state: after,
    events: [...events, ...timed.events, ...set.events],
    effects: [...effects, ...set.effects, ...rechecks(events), ...watchEffects(workflow, before, after)],
  };
}

/** Rounds may come twice, where one was undone; what asks a vendor does not. */
function asking(workflow: Workflow, happening: Happening, asked: string | undefined): Happening {
  const { event } = happening;
  const isOutside = event.type === 'stage-entered' && stageOf(workflow, event.stage).gate === 'external';
  return isOutside && asked !== undefined ? { ...happening, asked } : happening;
}

/**
 * The account is asked once more by whatever begins to listen or to wait: a fact that changed just before was spread to
 * the orders that were there, and listening, then.
 */
function rechecks(events: OrderEvent[]): Effect[] {
  const listens: OrderEvent['type'][] = ['order-created', 'order-migrated', 'stage-blocked'];
  const isListening = (event: OrderEvent) =>
    event.type === 'order-restored' ? isMoved(event) : listens.includes(event.type);
  return events.some(isListening) ? [{ type: 'recheck' }] : [];
}

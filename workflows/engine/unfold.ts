/** What happened, applied to the state together with everything that follows from it by itself: the change to commit. */

import type { Actor } from '../../kernel/actor.ts';
import { nextReader, personOf } from '../gates/reader.ts';
import { stageOf } from '../graph/paths.ts';
import type { Stage, Workflow } from '../graph/workflow.ts';
import { withLoad } from '../rules/assignment.ts';
import { signed } from '../rules/second-person.ts';
import { keepTime } from '../time/clock.ts';
import { setTimers } from '../time/timers.ts';
import type { Effect } from '../words/effects.ts';
import type { Happening, OrderEvent } from '../words/events.ts';
import { type OrderState, stateOf } from '../words/state.ts';
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
  begun: { first: Happening[]; at: Date; work?: string | undefined; actor?: Actor },
): Change {
  const events: OrderEvent[] = [];
  const effects: Effect[] = [];
  let state = before;
  for (let next = begun.first; next.length > 0; next = state ? follow(workflow, state) : []) {
    for (const following of next) {
      const asked = withGate(workflow, { state, happening: following, work: begun.work });
      const happening = begun.actor ? signed({ workflow, state }, asked, begun.actor) : asked;
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

/** What the gate of the stage has to say of an event: under which work item it was asked for, and who did it. */
function withGate(
  workflow: Workflow,
  { state, happening, work }: { state: OrderState | undefined; happening: Happening; work: string | undefined },
): Happening {
  const { event } = happening;
  if (state && event.type === 'link-requested') return addressed(stageOf(workflow, event.stage), state, happening);
  if (state && event.type === 'stage-entered') {
    const stage = stageOf(workflow, event.stage);
    return askedOnce(stage, addressed(stage, state, happening), work);
  }
  if (event.type !== 'stage-completed' || !state) return happening;
  const { stage, by: doer, hash } = event;
  const recordedAs = stageOf(workflow, stage).gateRules.recordedAs?.(stateOf(state, stage), { doer, hash });
  return recordedAs ? { ...happening, recordedAs } : happening;
}

/** To whom what is asked goes: known to the stage from now on. */
function addressed(stage: Stage, state: OrderState, happening: Happening): Happening {
  const reader = nextReader(stage, { state, current: stateOf(state, stage.key) }, happening.recipient);
  if (!reader) return happening;
  return { ...happening, recipient: personOf(reader), reader };
}

/** Rounds may come twice, where one was undone; what is asked for once does not. */
const askedOnce = ({ gateRules }: Stage, happening: Happening, asked: string | undefined): Happening =>
  gateRules.replay === 'once' && asked !== undefined ? { ...happening, asked } : happening;

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

/**
 * The ball and the clock, kept after every command. A stage's budget is business time that is only spent while the
 * ball is ours; what passes while the client, a platform or nobody has it costs nothing. Nothing is overwritten: the
 * ledger gains a line each time the ball changes hands.
 */

import type { Workflow } from '../graph/workflow.ts';
import type { OrderEvent } from '../words/events.ts';
import { type Holder, isClosed, isOpen, type OrderState, type StageState } from '../words/state.ts';
import { addBusiness, businessBetween, dayOf } from './business-time.ts';
import { type Calendar, calendarNamed } from './calendars.ts';

export interface Passing {
  before?: OrderState;
  after: OrderState;
  at: Date;
}

/** Ours is what the fulfillment team and the system hold; the agency, clients and vendors take their own time. */
const ours: readonly (Holder | undefined)[] = ['fulfillment', 'system'];

export const calendarOf = ({ calendar }: OrderState): Calendar => calendarNamed(calendar);

/** The state with its clocks, ledger and due time kept, and the event of the ball having changed hands. */
export function keepTime(
  workflow: Workflow,
  { before, after, at }: Passing,
): { state: OrderState; events: OrderEvent[] } {
  const stages = after.stages.map((stage) => {
    const was = before?.stages.find(({ key }) => key === stage.key);
    return { ...stage, clock: clockOf(after, { stage, was, at }) };
  });
  const kept = { ...after, stages };
  const due = stages.flatMap((stage) => (stage.clock?.runningSince ? [dueOf(workflow, kept, stage)] : []));
  const slaDueAt = due.length > 0 ? new Date(Math.min(...due.map((date) => date.getTime()))) : null;
  return passBall({ ...kept, slaDueAt }, at);
}

/** When the budget of a stage is used up, if nobody takes the ball from us. */
export function dueOf(workflow: Workflow, state: OrderState, stage: StageState, share = 1): Date {
  const { spent = 0, runningSince } = stage.clock ?? {};
  const left = budgetOf(workflow, state, stage) * share - spent;
  const since = runningSince ?? state.lastActivityAt;
  return left > 0 ? addBusiness(calendarOf(state), since, left) : since;
}

function budgetOf(workflow: Workflow, state: OrderState, { key, clock }: StageState): number {
  const days = workflow.stages.find((stage) => stage.key === key)?.budget ?? 0;
  return Math.max(0, days + (clock?.extra ?? 0)) * dayOf(calendarOf(state));
}

/** What has been spent of the budget by `at`. */
export function spentBy(state: OrderState, { clock }: StageState, at: Date): number {
  if (!clock) return 0;
  return clock.spent + (clock.runningSince ? businessBetween(calendarOf(state), clock.runningSince, at) : 0);
}

interface ClockStep {
  stage: StageState;
  was: StageState | undefined;
  at: Date;
}

function clockOf(state: OrderState, { stage, was, at }: ClockStep): StageState['clock'] {
  const isRunning = hasBall(state) && isOpen(stage) && ours.includes(stage.holder);
  const clock = was?.round === stage.round ? (stage.clock ?? was.clock) : undefined;
  if (!clock) return isRunning ? { spent: 0, runningSince: at } : undefined;
  if (isRunning) return { ...clock, runningSince: clock.runningSince ?? at };
  const { runningSince: _, ...stopped } = clock;
  return { ...stopped, spent: spentBy(state, { ...stage, clock }, at) };
}

/** Nobody has the ball of an order that is paused, closed or live. */
const hasBall = (state: OrderState): boolean => state.status !== 'paused' && !isClosed(state);

function passBall(state: OrderState, at: Date): { state: OrderState; events: OrderEvent[] } {
  const holder = hasBall(state) ? (state.holder ?? 'nobody') : 'nobody';
  const ledger = state.ledger ?? [];
  const last = ledger.at(-1)?.holder;
  if (last === holder) return { state, events: [] };
  const event = { type: 'ball-passed', from: last ?? 'nobody', to: holder } as const;
  return { state: { ...state, ledger: [...ledger, { holder, at }] }, events: [event] };
}

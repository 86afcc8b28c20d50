/**
 * The state after something has happened. Every event carries all that changes, so that this needs no workflow, no
 * clock and no rule: it never refuses. Who has the ball is derived again after each event.
 */
import { isForm } from '../gates/form.ts';
import { keptReader } from '../gates/reader.ts';
import { reassigned } from '../rules/assignment.ts';
import { withNote } from '../rules/notes.ts';
import { withContributions } from '../rules/second-person.ts';
import { spentBy } from '../time/clock.ts';
import type { Happening, OrderEvent } from '../words/events.ts';
import { askedAgain, withDelivery } from '../words/mails.ts';
import {
  type Closing,
  type Holder,
  identityOf,
  isOpen,
  isOver,
  type OrderState,
  reminderOf,
  type StageCheck,
  type StageState,
} from '../words/state.ts';
import { excepted } from './excepted.ts';
import { withApprover, withClient } from './people.ts';
import { restore } from './restored.ts';
import { block, doubted, failed, unblock } from './standings.ts';

type Evolve<Type extends OrderEvent['type']> = (
  state: OrderState,
  event: Extract<OrderEvent, { type: Type }>,
  beside: Happening & { at: Date },
) => OrderState;

export function evolve(state: OrderState | undefined, happening: Happening, at: Date): OrderState {
  const { event } = happening;
  if (event.type === 'order-created') return created(event, happening, at);
  if (!state) throw new Error(`${event.type} happened to an order that was never created.`);
  const evolved = (evolutions[event.type] as Evolve<typeof event.type>)(state, event as never, { ...happening, at });
  const next = withContributions(evolved, happening, at);
  return { ...next, ...ballOf(next, state, at), ...contactOf(event, at), lastActivityAt: at };
}

function created(event: Extract<OrderEvent, { type: 'order-created' }>, { order }: Happening, at: Date): OrderState {
  if (!order) throw new Error('An order cannot be created without its title, client and options.');
  return {
    product: event.product,
    tier: event.tier,
    options: order.options,
    workflowVersion: event.workflowVersion,
    source: event.source,
    title: order.title,
    ...(order.reference !== undefined && { reference: order.reference }),
    client: order.client,
    calendar: order.calendar,
    status: 'created',
    onboarding: event.stages.some(isForm) ? 'pending' : 'not_required',
    stages: event.stages.map(({ key, gate }) => ({ key, gate, status: 'locked', round: 1 })),
    overrides: 0,
    createdAt: at,
    lastActivityAt: at,
  };
}

const evolutions: { [Type in Exclude<OrderEvent['type'], 'order-created'>]: Evolve<Type> } = {
  'stage-entered': (state, { stage, round, status, holder, waitingFor, hash }, { at, note, flags, asked, reader }) =>
    withStage(state, stage, (was) => ({
      ...{ ...identityOf(was), status, round, holder, since: at, note: note ?? was.note, flags: flags ?? was.flags },
      ...{ waitingFor, hash, data: was.data, changes: was.changes, delegated: was.delegated, clock: was.clock },
      ...{ ...(asked && { asked }), ...(reader && { reader }) },
      ...(was.late && was.round === round && { late: was.late }),
    })),
  'stage-begun': (state, { stage, by }, { at }) =>
    withStage(state, stage, (was) => ({ ...was, status: 'in_progress', doer: by, since: at })),
  'stage-completed': (state, { stage, by, hash }, { data, at, recordedAs = { doer: by, hash } }) =>
    withStage(
      state,
      stage,
      ({ holder: _, waitingFor: __, flags: ___, blocked: ____, kept: _____, exception, ...was }) => ({
        ...{ ...was, status: 'done', since: at, data: data ?? was.data, ...recordedAs },
        ...(exception?.grantedBy !== undefined && { exception }),
      }),
    ),
  'stage-skipped': (state, { stage }, { at, note }) =>
    withStage(state, stage, (was) => ({ ...identityOf(was), round: was.round, status: 'skipped', since: at, note })),
  'stage-sent-back': (state, { to, round, relocked, kept = [] }, { at, note }) => ({
    ...state,
    stages: state.stages.map((stage) => {
      if (stage.key === to) return { ...locked(stage, at), round, note };
      if (!relocked.includes(stage.key)) return stage;
      const done = kept.includes(stage.key) ? { kept: stage.doer ?? 'orderworks' } : {};
      return { ...locked(stage, at), ...done, round: stage.round + 1 };
    }),
  }),
  'stage-overridden': (state) => ({ ...state, overrides: state.overrides + 1 }),
  'link-requested': (state, { stage }, { at, reader }) =>
    withStage(state, stage, ({ link: _, ...was }) => askedAgain(was, at, reader)),
  'delivery-recorded': (state, { stage, mail, seq, outcome, about, rung }, { at, note }) =>
    withStage(state, stage, (was) =>
      withDelivery(was, { about, rung }, { mail, seq, outcome, at, ...(note && { said: note }) }),
    ),
  'link-recorded': (state, { stage, link }) => withStage(state, stage, (was) => ({ ...was, link })),
  'form-submitted': (state, { stage, response, hash }, { at, data, revision }) =>
    withStage(state, stage, ({ waitingFor: _, flags: __, ...was }) => ({
      ...{ ...was, status: 'in_review', holder: 'agency', since: at, response, hash, data, revision },
    })),
  'form-returned': (state) => state,
  'approval-recorded': (state, { stage, approval }) => withStage(state, stage, (was) => ({ ...was, approval })),
  'approval-decided': (state, { stage, decision }, { note }) =>
    withStage(state, stage, (was) => ({
      ...{ ...was, note, changes: (was.changes ?? 0) + (decision === 'changes' ? 1 : 0) },
    })),
  'approval-delegated': (state, { stage }) =>
    withStage(state, stage, (was) => ({ ...was, delegated: (was.delegated ?? 0) + 1 })),
  'approver-named': (state, { stage }, { recipient }) => withApprover(state, stage, recipient),
  'rounds-used-up': (state, { stage }, { at }) =>
    withStage(state, stage, (was) => ({ ...was, holder: 'agency', waitingFor: 'change-order', since: at })),
  'round-granted': (state) => state,
  'approval-expired': (state, { stage }, { at }) =>
    withStage(state, stage, (was) => ({ ...was, holder: 'agency', waitingFor: 'approval-expired', since: at })),
  'outcome-unknown': (state, { stage }, { at, note }) => withStage(state, stage, (was) => doubted(was, note, at)),
  'answer-came-late': (state, { stage, dispatch, by }, { at, data = {}, note }) =>
    withStage(state, stage, (was) => ({
      ...was,
      late: { dispatch, by, at, data, ...(note !== undefined && { note }) },
    })),
  'late-answer-reviewed': (state, { stage }) => withStage(state, stage, ({ late: _, ...was }) => was),
  'outcome-resolved': (state) => state,
  'stage-retried': (state) => state,
  'stage-recorded': (state, { stage, by, hash }, { data, at }) =>
    withStage(state, stage, ({ exception: _, ...was }) => ({ ...was, doer: by, hash, data, since: at })),
  'check-asked': (state, event, { at }) => withStage(state, event.stage, (was) => lookedAt(was, event, at)),
  'check-passed': (state, { stage }, { looked }) =>
    withStage(state, stage, ({ note: _, ...was }) => ({
      ...{
        ...was,
        check: idle(found(was), { looked, held: (was.check?.held ?? 0) + (was.status === 'done' ? 1 : 0) }),
      },
    })),
  'check-unsettled': (state, { stage, again }, { looked }) =>
    withStage(state, stage, (was) => ({ ...was, check: idle(was, { looked, againAt: new Date(again) }) })),
  'check-doubted': (state, { stage, again }, { at, looked }) =>
    withStage(state, stage, (was) => ({
      ...was,
      check: idle(was, { looked, againAt: new Date(again), missedAt: was.check?.missedAt ?? at }),
    })),
  'check-failed': (state, { stage, again }, { at, note, looked }) =>
    withStage(state, stage, (was) => ({
      ...failed(was, note, at),
      ...(was.check && { check: idle(was, { looked, ...(again && { againAt: new Date(again) }) }) }),
    })),
  'exception-requested': excepted,
  'exception-granted': excepted,
  'exception-refused': excepted,
  'exception-revoked': excepted,
  'stage-rescheduled': (state, { stage, days }) =>
    withStage(state, stage, (was) => ({
      ...was,
      clock: { ...(was.clock ?? { spent: 0 }), extra: (was.clock?.extra ?? 0) + days },
    })),
  'order-assigned': (state, posts, { at }) => reassigned(state, posts, at),
  'sla-warned': climbed,
  'sla-breached': climbed,
  'sla-escalated': climbed,
  'sla-checked': (state) => timerRang(state, 'sla'),
  'reminder-due': reminded,
  'reminder-checked': (state, { stage }) => timerRang(state, reminderOf(stage)),
  'order-inactive': (state) => ({ ...timerRang(state, 'inactivity'), isInactive: true }),
  'inactivity-checked': (state) => timerRang(state, 'inactivity'),
  'timer-set': (state) => state,
  'ball-passed': (state) => state,
  'fact-recorded': (state, { fact, holds, seq, by }, { at }) => ({
    ...{ ...state, facts: { ...state.facts, [fact]: { holds, seq, at, ...(by !== undefined && { by }) } } },
  }),
  'stage-blocked': (state, { stage, facts }, { at }) => withStage(state, stage, (current) => block(current, facts, at)),
  'stage-unblocked': (state, { stage }, { at }) => withStage(state, stage, (current) => unblock(current, at)),
  'access-found': (state, { stage, holder }, { at }) =>
    withStage(state, stage, ({ waitingFor: _, ...was }) => ({ ...was, status: 'ready', holder, since: at })),
  'access-missed': (state, { stage, holder }, { at }) =>
    withStage(state, stage, (was) => ({ ...was, status: 'waiting', waitingFor: 'access', holder, since: at })),
  'milestone-reached': (state, { fact }) => ({ ...state, milestones: [...(state.milestones ?? []), fact] }),
  'onboarding-changed': (state, { to }) => ({ ...state, onboarding: to }),
  'status-changed': (state, { to }, { at }) => ({ ...state, status: to, ...(to === 'live' ? { liveAt: at } : {}) }),
  'calendar-set': (state, { to, seq }, { at }) => ({
    ...{ ...state, calendar: to, calendarSeq: seq, stages: state.stages.map((stage) => settledAt(state, stage, at)) },
  }),
  'order-updated': (state, _, { update }) => ({
    ...{ ...state, ...update },
    ...(update?.client && withClient(state)),
  }),
  'order-paused': (state, { by }, { at }) => ({
    ...{ ...state, status: 'paused', pausedFrom: state.status, pausedAt: at, pausedBy: by },
  }),
  'order-resumed': ({ pausedFrom: _, pausedBy: __, ...state }, { to }) => ({ ...state, status: to }),
  'order-migrated': (state, { to }) => ({ ...state, workflowVersion: to }),
  'order-restored': (state, _, { restored = [] }) => restore(state, restored),
  'order-tagged': (state, _, { tags }) => ({ ...state, ...(tags && { tags }) }),
  'order-noted': (state, { by }, { note = '', at }) => withNote(state, { text: note, by, at }),
  'priority-set': (state, { to }) => ({ ...state, priority: to }),
  'due-date-set': ({ dueOn: _, ...state }, { to }) => ({ ...state, ...(to !== null && { dueOn: to }) }),
  'order-completed': (state, _, { at }) => closed(state, { how: 'complete-order', to: 'completed', at }),
  'order-cancelled': (state, _, { at }) => closed(state, { how: 'cancel', to: 'cancelled', at }),
  'order-cleared': (state, _, { at }) => ({ ...closed(state, { how: 'clear', to: 'cancelled', at }), clearedAt: at }),
};

function closed(
  state: OrderState,
  { how, to, at }: { how: Closing['how']; to: OrderState['status']; at: Date },
): OrderState {
  const { status, closedAt, closings = [] } = state;
  const was = { status, ...(closedAt && { closedAt }) };
  return { ...state, status: to, closedAt: closedAt ?? at, closings: [...closings, { how, at, was }] };
}

/** What was spent until now was spent by the calendar until now. */
function settledAt(state: OrderState, stage: StageState, at: Date): StageState {
  if (!stage.clock?.runningSince) return stage;
  return { ...stage, clock: { ...stage.clock, spent: spentBy(state, stage, at), runningSince: at } };
}

/** While it is looked at the ball is with the system; what is done, or blocked, stays as it is. */
function lookedAt(current: StageState, { attempt, tries }: { attempt: number; tries: number }, at: Date): StageState {
  const { againAt: _, ...before } = current.check ?? {};
  const check = { ...before, attempt, tries, askedAt: at, isUnderway: true };
  if (current.status === 'done' || current.blocked) return { ...current, check };
  return { ...current, status: 'waiting', holder: 'system', waitingFor: 'check', since: at, check };
}

/** It holds: that it was missing before means nothing any more. */
function found(current: StageState): StageState {
  const { missedAt: _, ...check } = current.check ?? {};
  return current.check ? { ...current, check: check as StageCheck } : current;
}

function idle({ check }: StageState, found: Partial<StageCheck>): StageCheck | undefined {
  return check && { ...check, isUnderway: false, ...found };
}

type Climb = Extract<OrderEvent, { type: 'sla-warned' | 'sla-breached' | 'sla-escalated' }>;

function climbed(state: OrderState, { stage, rung }: Climb): OrderState {
  return withStage(timerRang(state, 'sla'), stage, (was) => ({
    ...was,
    clock: { ...(was.clock ?? { spent: 0 }), rung },
  }));
}

/** It has rung under this number; whatever is still to be watched is set anew. */
function timerRang(state: OrderState, name: string): OrderState {
  return { ...state, timers: { ...state.timers, [name]: { seq: state.timers?.[name]?.seq ?? 0 } } };
}

function reminded(
  state: OrderState,
  { stage, about, to, rung, passed = [] }: Extract<OrderEvent, { type: 'reminder-due' }>,
  { at }: { at: Date },
): OrderState {
  return withStage(timerRang(state, reminderOf(stage)), stage, (was) => ({
    ...was,
    reminders: [...(was.reminders ?? []), ...[...passed, rung].map((one) => ({ about, rung: one, to, at }))],
  }));
}

/** What comes from the client or, once it is delivered, goes to them; after it the silence begins anew. */
const contacts: readonly OrderEvent['type'][] = [
  'form-submitted',
  'form-returned',
  'approval-decided',
  'approval-delegated',
  'order-resumed',
];

function contactOf(event: OrderEvent, at: Date): Pick<OrderState, 'lastContactAt' | 'isInactive'> {
  const isContact = contacts.includes(event.type) || reached(event);
  return isContact ? { lastContactAt: at, isInactive: false } : {};
}

const reached = (event: OrderEvent): boolean =>
  event.type === 'delivery-recorded' && event.outcome === 'delivered' && event.to === 'client';

function withStage(state: OrderState, key: string, change: (stage: StageState) => StageState): OrderState {
  return { ...state, stages: state.stages.map((stage) => (stage.key === key ? change(stage) : stage)) };
}

/** Old answers and data stay to be looked at; who did it and what was asked for begin anew. */
function locked(was: StageState, at: Date): StageState {
  const { round, data, changes } = was;
  return { ...identityOf(was), round, data, changes, status: 'locked', since: at, ...keptReader(was) };
}

/** With parallel branches the ball is where work can go on: with us before anybody else. */
const precedence: readonly Holder[] = ['fulfillment', 'system', 'agency', 'third_party', 'client'];

function ballOf(state: OrderState, before: OrderState, at: Date): Pick<OrderState, 'stage' | 'holder' | 'holderSince'> {
  const holders = state.stages.filter(isOpen).map((stage) => stage.holder);
  const holder = state.closedAt ? undefined : precedence.find((candidate) => holders.includes(candidate));
  const stage = state.stages.find((candidate) => !isOver(candidate))?.key;
  return { stage, holder, holderSince: holder === before.holder ? before.holderSince : at };
}

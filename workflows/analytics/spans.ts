/**
 * An order's history as spans. The state only knows the present round, so the lines are told again through `evolve`, and
 * each event that opens, hands on or closes a round is noted. Pure, and the same for the worker, a rebuild and a test:
 * as lines are only ever added, a span of the same version says the same, whoever computed it and when.
 */

import { evolve } from '../engine/evolve.ts';
import { isMoved } from '../engine/restored.ts';
import { stageOf } from '../graph/paths.ts';
import { workflowFor } from '../index.ts';
import type { CalendarName } from '../time/business-time.ts';
import type { OrderEvent } from '../words/events.ts';
import { isClosed, isOpen, type OrderState, type StageState } from '../words/state.ts';
import { budgetOf, pass, settle } from './hands.ts';
import type { OrderSpan, Party, RoundOutcome, Span, StageSpan } from './span.ts';

export interface Subject {
  id: string;
  agency: string;
  account: string;
  calendar?: CalendarName | undefined;
}

/** A line of history, as far as it matters here. */
interface Told {
  seq: number;
  at: Date;
  events: readonly object[];
}

/** Events that say nothing about who has what: after them alone no span has changed. */
const silent: readonly OrderEvent['type'][] = [
  'link-requested',
  'link-recorded',
  'approval-recorded',
  'approval-decided',
  'sla-checked',
  'sla-warned',
  'sla-breached',
  'sla-escalated',
  'timer-set',
  'fact-recorded',
  'milestone-reached',
  'order-updated',
  'onboarding-changed',
  'round-granted',
  'answer-came-late',
  'late-answer-reviewed',
  'stage-overridden',
  'exception-requested',
  'exception-refused',
  'exception-revoked',
  'order-tagged',
  'order-noted',
  'priority-set',
  'due-date-set',
  'order-assigned',
  'reminder-due',
  'reminder-checked',
  'delivery-recorded',
  'order-inactive',
  'inactivity-checked',
];

export const changesSpans = (events: readonly OrderEvent[]): boolean =>
  events.some((event) => !silent.includes(event.type) && (event.type !== 'order-restored' || isMoved(event)));

/**
 * Every span of an order, the order's own first. `lines` begin with the first and leave none out. What was not created by
 * a command, such as an order brought in from elsewhere, has no beginning that could be told, and no spans.
 */
export function spansOf(subject: Subject, lines: readonly Told[]): Span[] {
  const telling: Telling = { subject, rounds: new Map(), extra: new Map() };
  const made = { ...subject, calendar: calendarAtFirst(subject, lines) };
  let state: OrderState | undefined;
  for (const { seq, at, events } of lines) {
    for (const event of events as readonly OrderEvent[]) {
      const before = state;
      if (!before && event.type !== 'order-created') return [];
      state = migrated(evolve(before, happeningOf(event, made), at), event);
      note(telling, { before, state, event, seq, at });
    }
  }
  return telling.order ? [telling.order, ...telling.rounds.values()] : [];
}

/** What it was made with: its state only knows the present one. */
function calendarAtFirst({ calendar }: Subject, lines: readonly Told[]): CalendarName | undefined {
  const events = lines.flatMap((line) => line.events as readonly OrderEvent[]);
  const change = events.find((event) => event.type === 'calendar-set');
  return change ? change.from : calendar;
}

interface Telling {
  subject: Subject;
  order?: OrderSpan;
  rounds: Map<string, StageSpan>;
  /** Business days that were added to a round by hand. */
  extra: Map<string, number>;
}

interface Moment {
  before: OrderState | undefined;
  state: OrderState;
  event: OrderEvent;
  seq: number;
  at: Date;
}

/** Whose order it is does not matter here, and is not in the history; of what was put back, where it stands is enough. */
function happeningOf(event: OrderEvent, { calendar }: Subject) {
  if (event.type === 'order-restored') return { event, restored: event.stands };
  if (event.type !== 'order-created') return { event };
  const order = { title: '', client: { name: '', email: '' }, options: {}, ...(calendar && { calendar }) };
  return { event, order };
}

/** The stages of the new version; one that goes by another name now counts from the next time it is entered. */
function migrated(state: OrderState, event: OrderEvent): OrderState {
  if (event.type !== 'order-migrated') return state;
  const stages = workflowFor(state.product, event.to).stages.map(
    ({ key, gate }): StageState =>
      state.stages.find((stage) => stage.key === key) ?? { key, gate, status: 'locked', round: 1 },
  );
  return { ...state, stages };
}

function note(telling: Telling, moment: Moment): void {
  noteOrder(telling, moment);
  if (moment.event.type === 'stage-rescheduled') reschedule(telling, moment, moment.event);
  if (moment.event.type === 'calendar-set') reckonAnew(telling, moment);
  const { before, state } = moment;
  for (const was of before?.stages ?? []) {
    const current = state.stages.find(({ key }) => key === was.key);
    const goesOn = current && isOpenIn(state, current) && current.round === was.round;
    if (before && isOpenIn(before, was) && !goesOn) close(telling, moment, was);
  }
  for (const current of state.stages) {
    if (isOpenIn(state, current)) hold(telling, moment, current);
  }
  if (state.clearedAt !== before?.clearedAt) clear(telling, moment);
}

const isOpenIn = (state: OrderState, stage: StageState): boolean => isOpen(stage) && !isClosed(state);

function noteOrder(telling: Telling, { before, state, event, seq, at }: Moment): void {
  const span = telling.order ?? orderSpan(telling.subject, state, { seq, at });
  telling.order = span;
  if (event.type === 'order-restored' && isMoved(event)) takeBack(span, state, seq);
  const ends = span.endedAt === null && (state.status === 'live' || isClosed(state));
  const holder = ends ? null : partyOf(state, state.holder);
  if (span.endedAt === null && (ends || holder !== span.holder)) {
    pass(span, holder, at);
    span.version = seq;
  }
  if (ends) span.endedAt = at;
  if (before && state.status === before.status && state.workflowVersion === before.workflowVersion) return;
  const { status, workflowVersion, closedAt } = state;
  const isCancelled = span.cancelled || status === 'cancelled';
  Object.assign(span, { version: seq, status, workflowVersion, cancelled: isCancelled });
  if (status === 'live') span.liveAt ??= at;
  if (closedAt) span.closedAt ??= closedAt;
}

/** What was undone counts as if it had not been: going live, being closed. */
function takeBack(span: OrderSpan, state: OrderState, seq: number): void {
  if (!isClosed(state)) delete span.closedAt;
  if (!state.liveAt) delete span.liveAt;
  span.cancelled = state.status === 'cancelled';
  span.version = seq;
  if (!span.liveAt && !span.closedAt) span.endedAt = null;
}

function orderSpan(subject: Subject, state: OrderState, when: { seq: number; at: Date }): OrderSpan {
  const { status } = state;
  return { ...commonOf(subject, state, when), _id: subject.id, of: 'order', status, cancelled: false };
}

/** An open stage: its span begins, goes on in the same hands, or passes to others. */
function hold(telling: Telling, { state, seq, at }: Moment, current: StageState): void {
  const id = idOf(telling.subject, current);
  const span = telling.rounds.get(id) ?? begin(telling, { state, current, seq, at });
  const holder = partyOf(state, current.holder);
  if (span.endedAt === null && span.holder === holder) return;
  Object.assign(span, { endedAt: null, outcome: null, version: seq });
  pass(span, holder, at);
}

function begin(
  telling: Telling,
  { state, current, seq, at }: { state: OrderState; current: StageState; seq: number; at: Date },
): StageSpan {
  const { key: stage, round, gate } = current;
  const common = commonOf(telling.subject, state, { seq, at });
  const _id = idOf(telling.subject, current);
  const budget = budgetFor(telling, state, current);
  const clock = { budget, spent: 0, breached: false, ours: false, dueAt: null };
  const span: StageSpan = { ...common, _id, of: 'stage', stage, round, gate, outcome: null, ...clock };
  telling.rounds.set(_id, span);
  return span;
}

function close(telling: Telling, moment: Moment, was: StageState): void {
  const span = telling.rounds.get(idOf(telling.subject, was));
  if (!span) return;
  pass(span, null, moment.at);
  Object.assign(span, { endedAt: moment.at, outcome: outcomeOf(moment, was), version: moment.seq });
  if (was.exception?.grantedBy !== undefined) span.excepted = true;
}

function outcomeOf({ event, state }: Moment, was: StageState): RoundOutcome {
  const status = state.stages.find(({ key }) => key === was.key)?.status;
  if (isClosed(state)) return 'cancelled';
  if (event.type === 'order-migrated') return 'migrated_away';
  if (event.type === 'order-restored') return 'undone';
  if (event.type === 'stage-sent-back') return event.from === was.key ? 'sent_back' : 'relocked';
  if (event.type === 'stage-entered') return newRoundOf(state, was);
  return status === 'skipped' ? 'skipped' : 'done';
}

function newRoundOf({ product, workflowVersion }: OrderState, { key }: StageState): RoundOutcome {
  return stageOf(workflowFor(product, workflowVersion), key).gateRules.newRound;
}

type Rescheduled = Extract<OrderEvent, { type: 'stage-rescheduled' }>;

/** Days may be given to a round before it is open. */
function reschedule(telling: Telling, { state, seq }: Moment, { stage: key, round, days }: Rescheduled): void {
  const id = idOf(telling.subject, { key, round });
  telling.extra.set(id, (telling.extra.get(id) ?? 0) + days);
  const span = telling.rounds.get(id);
  if (!span) return;
  span.budget = budgetFor(telling, state, { key, round });
  span.version = seq;
  settle(span);
}

function budgetFor({ subject, extra }: Telling, state: OrderState, at: Pick<StageState, 'key' | 'round'>): number {
  const { stages } = workflowFor(state.product, state.workflowVersion);
  const days = stages.find(({ key }) => key === at.key)?.budget ?? 0;
  return budgetOf(days + (extra.get(idOf(subject, at)) ?? 0), calendarOf(state));
}

/** What is open goes on by the new calendar; what has passed until now passed by the old one. */
function reckonAnew(telling: Telling, { state, seq, at }: Moment): void {
  const open = [...(telling.order ? [telling.order] : []), ...telling.rounds.values()].filter(({ since }) => since);
  for (const span of open) {
    pass(span, span.holder, at);
    Object.assign(span, { calendar: calendarOf(state), version: seq });
    if (span.of !== 'stage') continue;
    span.budget = budgetFor(telling, state, { key: span.stage, round: span.round });
    settle(span);
  }
}

function clear({ order, rounds }: Telling, { state, seq }: Moment): void {
  for (const span of [...(order ? [order] : []), ...rounds.values()]) {
    span.cleared = state.clearedAt !== undefined;
    span.version = seq;
  }
}

function commonOf(
  subject: Subject,
  state: OrderState,
  { seq, at }: { seq: number; at: Date },
): Omit<OrderSpan, '_id' | 'of' | 'status' | 'cancelled'> {
  const { id: order, agency, account } = subject;
  const { product, tier, workflowVersion } = state;
  return {
    ...{ version: seq, order, agency, account, product, tier, workflowVersion, calendar: calendarOf(state) },
    ...{ enteredAt: at, endedAt: null, wall: {}, business: {}, holder: null, since: null, cleared: false },
  };
}

const calendarOf = ({ calendar }: OrderState): CalendarName => calendar ?? 'us-east';

const idOf = ({ id }: Subject, { key, round }: Pick<StageState, 'key' | 'round'>): string => `${id}.${key}.${round}`;

/** Nobody has the ball of an order that is paused. */
const partyOf = ({ status }: OrderState, holder: StageState['holder']): Party =>
  status === 'paused' ? 'nobody' : (holder ?? 'nobody');

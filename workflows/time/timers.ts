/**
 * What happens by itself later: an approval expires, a budget nears its end. A timer's number goes up whenever it is set
 * anew, and one that rings under an old number does nothing. A running timer is left alone when its time moves away
 * from us: it rings early, looks, and is set anew, which costs less than setting it at every step.
 */
import { days as inDays, after as later } from '../../kernel/time.ts';
import type { Workflow } from '../graph/workflow.ts';
import { inactiveAt, rungsLeft } from '../telling/ladders.ts';
import type { Effect } from '../words/effects.ts';
import type { OrderEvent } from '../words/events.ts';
import { isClosed, type OrderState, reminderOf, type StageState, stateOf, type Timer } from '../words/state.ts';
import { addBusiness, dayOf } from './business-time.ts';
import { calendarOf, dueOf } from './clock.ts';
import { deadlineOf } from './deadline.ts';

export interface Ringing {
  state: OrderState;
  events: OrderEvent[];
  effects: Effect[];
}

/** Budgets are warned of at this share, breached when used up, and escalated a business day later. */
export const rungs = ['sla-warned', 'sla-breached', 'sla-escalated'] as const;
const warnShare = 0.8;

export const expiryOf = (stage: string): string => `expiry-${stage}`;
export const lookOf = (stage: string): string => `look-${stage}`;

/** The state with every timer it needs and none it does not, and the effects that make them ring. */
export function setTimers(
  workflow: Workflow,
  { before, after, at }: { before?: OrderState; after: OrderState; at: Date },
): Ringing {
  const stoodSince = before && standsSince(before);
  const shifted = stoodSince && !standsSince(after) ? resumed(after, stoodSince, at) : after;
  const wanted = isClosed(after) || after.status === 'paused' ? [] : wantedTimers(workflow, shifted);
  if (after.status === 'paused') return { state: after, events: [], effects: [] };

  const timers: Record<string, Timer> = { ...shifted.timers };
  for (const [name, timer] of Object.entries(timers)) {
    if (timer.at && !wanted.some((want) => want.name === name)) timers[name] = { seq: timer.seq };
  }
  const due = wanted.filter((want) => isDue(timers[want.name], want));
  for (const { name, at: ringsAt, command } of due) {
    timers[name] = { seq: (after.timers?.[name]?.seq ?? 0) + 1, at: ringsAt, command };
  }
  const set = due.map(({ name }) => ({ name, timer: timers[name] as Required<Timer> }));
  return { state: { ...shifted, timers }, events: set.map(eventOf), effects: set.map(effectOf) };
}

/** When the next rung of a running budget is reached; undefined once all are. */
export function nextRung(workflow: Workflow, state: OrderState, stage: StageState): Date | undefined {
  const rung = stage.clock?.rung ?? 0;
  if (!stage.clock?.runningSince || rung >= rungs.length || isInstant(workflow, stage)) return undefined;
  if (rung === 0) return dueOf(workflow, state, stage, warnShare);
  const due = dueOf(workflow, state, stage);
  return rung === 1 ? due : addBusiness(calendarOf(state), due, dayOf(calendarOf(state)));
}

/** What the system checks by itself is over in a moment; a timer for it would only be in the way. */
const isInstant = ({ stages }: Workflow, { key, status }: StageState): boolean =>
  status === 'ready' && stages.some((stage) => stage.key === key && stage.check);

interface Wanted {
  name: string;
  at: Date;
  command: { type: string; stage?: string; round?: number };
  /** It ends something when it rings, and does not look first: it never rings early. */
  isFinal?: boolean;
}

function wantedTimers(workflow: Workflow, state: OrderState): Wanted[] {
  const expiries = workflow.stages.flatMap(({ key: stage, gateRules: { expiry } }) => {
    const current = stateOf(state, stage);
    const at = deadlineOf(workflow, state, current);
    return at && expiry
      ? [{ name: expiryOf(stage), at, isFinal: true, command: { type: expiry.command, stage, round: current.round } }]
      : [];
  });
  const reminders = state.stages.flatMap((current) => {
    const [next] = rungsLeft(workflow, state, current);
    const { key: stage, round } = current;
    return next ? [{ name: reminderOf(stage), at: next.at, command: { type: 'remind', stage, round } }] : [];
  });
  const silent = inactiveAt(workflow, state);
  const watched = silent ? [{ name: 'inactivity', at: silent, command: { type: 'check-inactivity' } }] : [];
  const next = state.stages.flatMap((stage) => nextRung(workflow, state, stage) ?? []);
  const [earliest] = next.sort((a, b) => a.getTime() - b.getTime());
  const sla = earliest ? [{ name: 'sla', at: earliest, command: { type: 'check-sla' } }] : [];
  return [...expiries, ...reminders, ...looksAgain(workflow, state), ...sla, ...watched];
}

/** What could not be told or failed is looked at again soon; what is done, after the days that the workflow names. */
export function looksAgain({ stages }: Workflow, state: OrderState): Wanted[] {
  return state.stages.flatMap(({ key: stage, round, status, since, check }): Wanted[] => {
    if (!check || check.isUnderway || (status === 'done' && !since)) return [];
    const days = status === 'done' ? stages.find(({ key }) => key === stage)?.lookAgain?.[check.held ?? 0] : undefined;
    const at = check.againAt ?? (days === undefined || !since ? undefined : later(since, inDays(days)));
    return at ? [{ name: lookOf(stage), at, command: { type: 'recheck-stage', stage, round } }] : [];
  });
}

/** A timer is set when none runs, when it runs for another round, or when it would ring too late; a final one, too early. */
function isDue(timer: Timer | undefined, want: Wanted): boolean {
  if (!timer?.at) return true;
  if (want.isFinal && timer.at.getTime() !== want.at.getTime()) return true;
  return timer.command?.round !== want.command.round || timer.at.getTime() > want.at.getTime();
}

/** Since when nothing of the order moves: it is paused, or closed, which an undo may take back. */
const standsSince = (state: OrderState): Date | undefined =>
  state.status === 'paused' ? state.pausedAt : isClosed(state) ? state.closedAt : undefined;

/**
 * What stood still while the order did, or since it began to wait meanwhile, has as long to go as it had; each is set anew
 * under its next number.
 */
function resumed(state: OrderState, stoodSince: Date, at: Date): OrderState {
  const stood = (since: Date) => at.getTime() - Math.max(since.getTime(), stoodSince.getTime());
  const stages = state.stages.map((stage) =>
    stage.status === 'waiting' && stage.since && stage.holder !== 'third_party'
      ? { ...stage, since: later(stage.since, stood(stage.since)) }
      : stage,
  );
  const timers = Object.entries(state.timers ?? {}).map(([name, { seq }]) => [name, { seq }]);
  return { ...state, stages, timers: Object.fromEntries(timers) };
}

interface SetTimer {
  name: string;
  timer: Required<Timer>;
}

const eventOf = ({ name, timer: { seq, at } }: SetTimer): OrderEvent => ({
  type: 'timer-set',
  name,
  seq,
  at: at.toISOString(),
});

const effectOf = ({ name, timer: { seq, at, command } }: SetTimer): Effect => ({
  ...{ type: 'timer', name, seq, at, command: { ...command, seq } },
});

/**
 * Reminder ladders: what is sent to whom while a stage waits, as data for each thing that is waited for. A rung is
 * climbed once a round. Whatever ends the waiting (an answer, the ball elsewhere, a pause, another round) ends the
 * ladder; the same question is asked again when a mail is about to go out.
 */
import { after, days, hours } from '../../kernel/time.ts';
import { stageOf } from '../graph/paths.ts';
import type { Rung } from '../graph/stage.ts';
import type { Workflow } from '../graph/workflow.ts';
import { addBusiness, businessBetween, dayOf } from '../time/business-time.ts';
import { calendarOf } from '../time/clock.ts';
import { deadlineOf } from '../time/deadline.ts';
import { undelivered } from '../words/mails.ts';
import { type Addressee, isClosed, type OrderState, type StageState } from '../words/state.ts';

/** Without a word for so long, an order that is managed for the client counts as inactive. */
const silence = days(7);

export interface Due {
  rung: number;
  to: Addressee;
  at: Date;
}

/** What the stage waits for, when somebody may be reminded of it: who was never reached keeps nobody waiting. */
export function remindedOf(state: OrderState, current: StageState): string | undefined {
  const isAsked =
    current.status === 'waiting' && current.waitingFor !== undefined && !current.blocked && !undelivered(current);
  return isAsked && !isClosed(state) && state.status !== 'paused' ? current.waitingFor : undefined;
}

/** The rungs that are still to be climbed in this round, soonest first. */
export function rungsLeft(workflow: Workflow, state: OrderState, current: StageState): Due[] {
  const about = remindedOf(state, current);
  if (about === undefined) return [];
  const { gate, gateRules, ladder: own } = stageOf(workflow, current.key);
  const ladder = (gate === about ? own : undefined) ?? gateRules.ladders?.[about] ?? [];
  const end = deadlineOf(workflow, state, current);
  const left = ladder.flatMap((rung, index): Due[] => {
    const at = timeOf(state, current, rung, end);
    const isClimbed = current.reminders?.some((one) => one.about === about && one.rung === index);
    return !at || isClimbed || (end && at >= end) ? [] : [{ rung: index, to: rung.to, at }];
  });
  return left.sort((one, other) => one.at.getTime() - other.at.getTime());
}

/** What has become due by `at`: the latest rung for each reader, which stands for the earlier ones. */
export function climbed(left: readonly Due[], at: Date): (Due & { passed: number[] })[] {
  const due = left.filter((one) => one.at <= at);
  return [...new Set(due.map(({ to }) => to))].flatMap((to) => {
    const own = due.filter((one) => one.to === to);
    const last = own.at(-1);
    return last ? [{ ...last, passed: own.slice(0, -1).map(({ rung }) => rung) }] : [];
  });
}

/** Whether a mail about a rung may still go out: nobody has answered, and nothing else has ended the waiting. */
export function isStillWaitedFor(state: OrderState, asked: { stage: string; round: number; about: string }): boolean {
  const current = state.stages.find(({ key }) => key === asked.stage);
  return current !== undefined && current.round === asked.round && remindedOf(state, current) === asked.about;
}

/** When an order that is being set up will have been silent for a week; undefined where nobody minds, or minds already. */
export function inactiveAt({ managed }: Workflow, state: OrderState): Date | undefined {
  const isSetUp = ['created', 'onboarding', 'setup'].includes(state.status);
  if (!managed || !isSetUp || state.isInactive) return undefined;
  return after(state.lastContactAt ?? state.createdAt, silence);
}

function timeOf(state: OrderState, { since = state.createdAt }: StageState, rung: Rung, end?: Date): Date | undefined {
  const calendar = calendarOf(state);
  if ('hours' in rung) return after(since, hours(rung.hours));
  if ('days' in rung) return addBusiness(calendar, since, rung.days * dayOf(calendar));
  return end && businessBefore(state, { since, end, before: rung.daysBeforeEnd });
}

/** Counted from the beginning, because business time only runs forward. */
function businessBefore(state: OrderState, { since, end, before }: { since: Date; end: Date; before: number }): Date {
  const calendar = calendarOf(state);
  const whole = businessBetween(calendar, since, end) - before * dayOf(calendar);
  return whole > 0 ? addBusiness(calendar, since, whole) : end;
}

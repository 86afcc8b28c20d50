/** The ball in a span passes from hand to hand; what each had it for is added up when it leaves them. */
import { addBusiness, businessBetween, dayOf } from '../time/business-time.ts';
import { calendarNamed } from '../time/calendars.ts';
import type { Party, Span, StageSpan, Times } from './span.ts';

const ours: readonly (Party | null)[] = ['fulfillment', 'system'];

/** Counts what the present holder has had and hands the ball on; null ends it. */
export function pass(span: Span, to: Party | null, at: Date): void {
  const { holder, since } = span;
  if (holder && since) {
    span.wall = added(span.wall, holder, Math.max(0, at.getTime() - since.getTime()));
    span.business = added(span.business, holder, businessBetween(calendarNamed(span.calendar), since, at));
  }
  span.holder = to;
  span.since = to && at;
  if (span.of !== 'stage') return;
  span.ours ||= ours.includes(to);
  settle(span);
}

/** Brings what is derived from the hands and the budget up to them. */
export function settle(span: StageSpan): void {
  span.spent = (span.business.fulfillment ?? 0) + (span.business.system ?? 0);
  span.breached = span.spent > span.budget;
  span.dueAt = dueOf(span);
}

/** What has been spent of the budget by `at`. */
export function spentBy({ spent, holder, since, calendar }: StageSpan, at: Date): number {
  return since && ours.includes(holder) ? spent + businessBetween(calendarNamed(calendar), since, at) : spent;
}

export const budgetOf = (days: number, calendar: Span['calendar']): number =>
  Math.max(0, days) * dayOf(calendarNamed(calendar));

function dueOf({ holder, since, budget, spent, calendar }: StageSpan): Date | null {
  if (!since || !ours.includes(holder)) return null;
  return spent < budget ? addBusiness(calendarNamed(calendar), since, budget - spent) : since;
}

const added = (times: Times, holder: Party, ms: number): Times => ({ ...times, [holder]: (times[holder] ?? 0) + ms });

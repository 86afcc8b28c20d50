/**
 * Periods of whole days, as a calendar on somebody's wall has them: from midnight to midnight in a time zone, so that a
 * day on which the clocks change is 23 or 25 hours long. The one before has as many days.
 */
import { TZDate } from '@date-fns/tz';
import { days } from '../../kernel/time.ts';

export interface Period {
  from: Date;
  /** Not part of it. */
  to: Date;
}

/** Days such as 2026-03-31; both are part of the period. */
export interface Days {
  first: string;
  last: string;
}

export const longest = 366;

export const periodOf = ({ first, last }: Days, zone: string): Period => ({
  from: midnight(first, zone),
  to: midnight(dayAfter(last, 1), zone),
});

export function daysBefore({ first, last }: Days): Days {
  return { first: dayAfter(first, -lengthOf({ first, last })), last: dayAfter(first, -1) };
}

export const lengthOf = ({ first, last }: Days): number => (utc(last) - utc(first)) / days(1) + 1;

/** The day `n` days after `day`; before it, where `n` is negative. */
export const dayAfter = (day: string, n: number): string => new Date(utc(day) + days(n)).toISOString().slice(0, 10);

/** The day that it is in the zone. */
export function dayIn(zone: string, at: Date): string {
  const local = new TZDate(at.getTime(), zone);
  return new Date(Date.UTC(local.getFullYear(), local.getMonth(), local.getDate())).toISOString().slice(0, 10);
}

export const isWithin = ({ from, to }: Period, at: Date | null | undefined): boolean =>
  at !== null && at !== undefined && at >= from && at < to;

/** Where the clocks go forward at midnight, the day begins when they have. */
function midnight(day: string, zone: string): Date {
  const at = new Date(utc(day));
  return new Date(new TZDate(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), zone).getTime());
}

const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`);

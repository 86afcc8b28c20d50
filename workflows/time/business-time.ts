/**
 * Time as a team works it: in the hours of a calendar, without its holidays. Everything is counted in milliseconds of
 * opened hours, so that a day with a change of the clocks, or half a holiday, is as long as it really was. Pure; the tables
 * it keeps are the same whoever asks first.
 */
import { TZDate } from '@date-fns/tz';
import { addDays } from 'date-fns/addDays';
import { getDay } from 'date-fns/getDay';
import { after, days, hours } from '../../kernel/time.ts';
import type { Calendar } from './calendars.ts';
import { type Closing, holidaysOf, without } from './holidays.ts';

export { type Calendar, type CalendarName, calendarNames, calendars } from './calendars.ts';

/** A business day of this calendar, in milliseconds. */
export const dayOf = ({ opens, closes }: Calendar): number => hours(closes - opens);

/** How much of the time between the two the team was at work; nothing when `to` comes first. */
export function businessBetween(calendar: Calendar, from: Date, to: Date): number {
  let total = 0;
  for (let year = firstYear(from); year <= lastYear(to); year++) {
    const table = yearOf(calendar, year);
    total += workedBy(table, to.getTime()) - workedBy(table, from.getTime());
  }
  return Math.max(0, total);
}

/** When `ms` of business time will have passed since `from`. */
export function addBusiness(calendar: Calendar, from: Date, ms: number): Date {
  const since = from.getTime();
  let left = ms;
  for (let year = firstYear(from); ; year++) {
    const table = yearOf(calendar, year);
    const target = workedBy(table, since) + left;
    const end = firstOf(table, ({ to, sum }) => to >= since && sum >= target);
    if (end) return new Date(Math.max(since, end.to - (end.sum - target)));
    left = target - (table.at(-1)?.sum ?? 0);
  }
}

/** The years that a moment may lie in, wherever its zone is. */
const firstYear = (at: Date): number => after(at, -days(1)).getUTCFullYear();
const lastYear = (at: Date): number => after(at, days(1)).getUTCFullYear();

/** Hours of a day without a break, in milliseconds of the epoch; `sum` is what the year has had by their end. */
interface Opening {
  from: number;
  to: number;
  sum: number;
}

/** What a year has had by `at`. */
function workedBy(table: readonly Opening[], at: number): number {
  const next = firstOf(table, ({ to }) => to >= at);
  return next ? next.sum - (next.to - Math.max(next.from, at)) : (table.at(-1)?.sum ?? 0);
}

/** The first opening for which `isThere` holds, which then holds for every later one. */
function firstOf(table: readonly Opening[], isThere: (opening: Opening) => boolean): Opening | undefined {
  let [low, high] = [0, table.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const opening = table[middle];
    if (opening && isThere(opening)) high = middle;
    else low = middle + 1;
  }
  return table[low];
}

const years = new Map<string, readonly Opening[]>();

function yearOf(calendar: Calendar, year: number): readonly Opening[] {
  const key = `${calendar.name} ${year}`;
  const already = years.get(key);
  if (already) return already;
  const { weekdays, holidays, zone } = calendar;
  const closings = holidaysOf(holidays, zone, year);
  const table: Opening[] = [];
  for (let day = new TZDate(year, 0, 1, zone); day.getFullYear() === year; day = addDays(day, 1)) {
    if (!weekdays.includes(getDay(day))) continue;
    for (const [from, to] of without(hoursOf(calendar, day), closings)) {
      table.push({ from, to, sum: (table.at(-1)?.sum ?? 0) + to - from });
    }
  }
  if (table.length === 0) throw new Error(`The calendar ${calendar.name} has no open day in ${year}.`);
  years.set(key, table);
  return table;
}

function hoursOf({ opens, closes, zone }: Calendar, day: TZDate): Closing {
  const at = (hour: number) => new TZDate(day.getFullYear(), day.getMonth(), day.getDate(), hour, zone).getTime();
  return [at(opens), at(closes)];
}

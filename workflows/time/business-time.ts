/**
 * Time as a team works it: a calendar has a zone, hours, weekdays and the holidays of a country. Everything is counted
 * in milliseconds of opened hours, so that a day with a change of the clocks is as long as it really was. Pure; the
 * tables it keeps are the same whoever asks first.
 */
import { TZDate } from '@date-fns/tz';
import { addDays } from 'date-fns/addDays';
import { format } from 'date-fns/format';
import { getDay } from 'date-fns/getDay';
import Holidays from 'date-holidays';
import { after, days, hours } from '../../kernel/time.ts';

export interface Calendar {
  name: string;
  zone: string;
  /** Whole hours of the local day. */
  opens: number;
  closes: number;
  /** 0 is Sunday. */
  weekdays: readonly number[];
  /** ISO country, with its region where holidays differ: `US`, `DE-BY`. */
  holidays: string;
}

const week = [1, 2, 3, 4, 5];

export const calendars = {
  'us-east': { name: 'us-east', zone: 'America/New_York', opens: 9, closes: 17, weekdays: week, holidays: 'US' },
  'us-west': { name: 'us-west', zone: 'America/Los_Angeles', opens: 9, closes: 17, weekdays: week, holidays: 'US' },
  uk: { name: 'uk', zone: 'Europe/London', opens: 9, closes: 17, weekdays: week, holidays: 'GB-ENG' },
  germany: { name: 'germany', zone: 'Europe/Berlin', opens: 9, closes: 17, weekdays: week, holidays: 'DE' },
  india: { name: 'india', zone: 'Asia/Kolkata', opens: 10, closes: 18, weekdays: week, holidays: 'IN' },
} as const satisfies Record<string, Calendar>;

export type CalendarName = keyof typeof calendars;
export const calendarNames = Object.keys(calendars) as [CalendarName, ...CalendarName[]];

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

/** A day's hours in milliseconds of the epoch; `sum` is what the year has had by its end. */
interface Opening {
  from: number;
  to: number;
  sum: number;
}

/** What a year has had by `at`. */
function workedBy(table: readonly Opening[], at: number): number {
  const day = firstOf(table, ({ to }) => to >= at);
  return day ? day.sum - (day.to - Math.max(day.from, at)) : (table.at(-1)?.sum ?? 0);
}

/** The first day for which `isThere` holds, which then holds for every later one. */
function firstOf(table: readonly Opening[], isThere: (day: Opening) => boolean): Opening | undefined {
  let [low, high] = [0, table.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const day = table[middle];
    if (day && isThere(day)) high = middle;
    else low = middle + 1;
  }
  return table[low];
}

const years = new Map<string, readonly Opening[]>();

function yearOf(calendar: Calendar, year: number): readonly Opening[] {
  const key = `${calendar.name} ${year}`;
  const already = years.get(key);
  if (already) return already;
  const table: Opening[] = [];
  const first = new TZDate(year, 0, 1, calendar.zone);
  for (let day = first; day.getFullYear() === year; day = addDays(day, 1)) {
    if (!isWorkday(calendar, day)) continue;
    const { from, to } = hoursOf(calendar, day);
    table.push({ from, to, sum: (table.at(-1)?.sum ?? 0) + to - from });
  }
  years.set(key, table);
  return table;
}

function hoursOf({ opens, closes, zone }: Calendar, day: TZDate): Pick<Opening, 'from' | 'to'> {
  const at = (hour: number) => new TZDate(day.getFullYear(), day.getMonth(), day.getDate(), hour, zone).getTime();
  return { from: at(opens), to: at(closes) };
}

function isWorkday({ weekdays, holidays }: Calendar, day: TZDate): boolean {
  return weekdays.includes(getDay(day)) && !holidaysOf(holidays, day.getFullYear()).has(format(day, 'yyyy-MM-dd'));
}

const known = new Map<string, ReadonlySet<string>>();

/** Public and bank holidays as local dates; those that are only observed are worked on. */
function holidaysOf(place: string, year: number): ReadonlySet<string> {
  const key = `${place} ${year}`;
  const already = known.get(key);
  if (already) return already;
  const [country = '', region] = place.split('-');
  const list = (region ? new Holidays(country, region) : new Holidays(country)).getHolidays(year);
  const free = list.filter(({ type }) => type === 'public' || type === 'bank').map(({ date }) => date.slice(0, 10));
  const dates = new Set(free);
  known.set(key, dates);
  return dates;
}

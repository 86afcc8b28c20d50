/**
 * Calendars: in which zone and hours, on which weekdays and without which holidays a team works. A few have a name that an
 * order can be given by hand; every other order works by the calendar of its account's place. A calendar is stored by
 * its name alone.
 */
import { isTimeZone } from '../validators/time-zone.ts';

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

type Named = keyof typeof calendars;
/** One of the named ones, or a place as `DE-BY@Europe/Berlin`. */
export type CalendarName = Named | `${string}@${string}`;
export const calendarNames = Object.keys(calendars) as [Named, ...Named[]];

/** What decides the calendar of a place. `region` is the second part of its ISO 3166-2 code. */
export interface Place {
  country: string;
  region?: string | undefined;
  timeZone: string;
}

const usual = { opens: 9, closes: 17, weekdays: week };
const sundayToThursday = { weekdays: [0, 1, 2, 3, 4] };

/** Where a country works otherwise than from Monday to Friday, nine to five. */
const customs: Record<string, Partial<Pick<Calendar, 'opens' | 'closes' | 'weekdays' | 'holidays'>>> = {
  ...Object.fromEntries(
    'AF BD BH DZ EG IL IQ JO KW LY MV OM QA SA SD SY YE'.split(' ').map((country) => [country, sundayToThursday]),
  ),
  BN: { weekdays: [1, 2, 3, 4, 6] },
  GB: { holidays: 'GB-ENG' },
  IN: { opens: calendars.india.opens, closes: calendars.india.closes },
  IR: { weekdays: [6, 0, 1, 2, 3] },
  NP: { weekdays: [0, 1, 2, 3, 4, 5] },
};

/** Its people work by the clock that is theirs and on the days that their country works. */
export const calendarOfPlace = ({ country, region, timeZone }: Place): CalendarName =>
  `${country.toUpperCase()}${region ? `-${region.toUpperCase()}` : ''}@${timeZone}`;

/** The first zone that was stored and that the engine knows. */
export const firstZone = (...stored: readonly (string | undefined)[]): string =>
  stored.find((zone) => zone !== undefined && isTimeZone(zone)) ?? 'UTC';

/** The name of a calendar that there is, or of a place that has one. */
export function isCalendarName(name: unknown): name is CalendarName {
  if (typeof name !== 'string') return false;
  const [place = '', zone = ''] = name.split('@');
  return Object.hasOwn(calendars, name) || (/^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$/.test(place) && isTimeZone(zone));
}

const known = new Map<string, Calendar>(Object.entries(calendars));

/** Orders that were made before their account decided have none, and keep that of New York. */
export function calendarNamed(name: CalendarName = 'us-east'): Calendar {
  const already = known.get(name);
  if (already) return already;
  const [place = '', zone = ''] = name.split('@');
  if (!isTimeZone(zone)) throw new Error(`"${name}" is the name of no calendar.`);
  const [country = '', region] = place.split('-');
  const custom = customs[country];
  const holidays = region ? place : (custom?.holidays ?? country);
  const calendar = { ...usual, ...custom, name, zone, holidays };
  known.set(name, calendar);
  return calendar;
}

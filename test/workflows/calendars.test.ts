/** Where an account is decides when its orders are worked on: zone, weekdays, holidays of country and region, half days. */
import { TZDate } from '@date-fns/tz';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hours, minutes } from '../../kernel/time.ts';
import { spansOf } from '../../workflows/analytics/spans.ts';
import { run } from '../../workflows/engine/run.ts';
import { addBusiness, businessBetween } from '../../workflows/time/business-time.ts';
import {
  type CalendarName,
  calendarNamed,
  calendarOfPlace,
  calendars,
  firstZone,
} from '../../workflows/time/calendars.ts';
import { workingTime } from '../../workflows/time/quiet-hours.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { admin, asking, given, orderworks, start } from '../support/given.ts';

/** Open hours of a local day. */
const openOn = (name: CalendarName, date: string) => {
  const calendar = calendarNamed(name);
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const midnight = (after: number) => new Date(new TZDate(year, month - 1, day + after, calendar.zone).getTime());
  return businessBetween(calendar, midnight(0), midnight(1)) / hours(1);
};

describe('a calendar', () => {
  test.each([
    ['a weekday', 'DE@Europe/Berlin', '2026-03-02', 8],
    ['half a bank holiday: until two in the afternoon', 'DE@Europe/Berlin', '2026-12-24', 5],
    ['the same under a calendar that was named by hand', 'germany', '2026-12-24', 5],
    ['half a public holiday elsewhere', 'GT@America/Guatemala', '2026-12-24', 3],
    ['the last day of a holiday of several days', 'VN@Asia/Ho_Chi_Minh', '2026-02-20', 0],
    ['a holiday of a region', 'DE-BY@Europe/Berlin', '2026-01-06', 0],
    ['the same day in another region', 'DE-HH@Europe/Berlin', '2026-01-06', 8],
    ['a holiday that began the year before', 'SZ@Africa/Mbabane', '2026-01-02', 0],
    ['Sunday, where it is a weekday', 'EG@Africa/Cairo', '2026-03-01', 8],
    ['Friday, where nobody works then', 'EG@Africa/Cairo', '2026-03-06', 0],
    ['a weekday of a country without data', 'ZZ@Europe/Berlin', '2026-12-25', 8],
  ] as const)('has the hours of %s', (_, name, date, expected) => {
    expect(openOn(name, date)).toBe(expected);
  });

  test('that ends in the middle of a day goes on then', () => {
    const turkey = calendarNamed('TR@Europe/Istanbul');
    const noon = new Date('2026-03-23T09:00:00Z');
    expect(addBusiness(turkey, new Date('2026-03-20T06:00:00Z'), hours(1))).toEqual(
      new Date(noon.getTime() + hours(1)),
    );
  });

  test('of every place adds up, whatever its holidays are', () => {
    const places = ['TR@Europe/Istanbul', 'CN@Asia/Shanghai', 'DE-BY@Europe/Berlin', 'IS@Atlantic/Reykjavik'] as const;
    const instant = fc.date({
      min: new Date('2025-12-01'),
      max: new Date('2026-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(fc.constantFrom(...places), instant, fc.nat(60 * 24 * 60), (place, from, gap) => {
        const calendar = calendarNamed(place);
        const end = addBusiness(calendar, from, minutes(gap % 4_000));
        expect(businessBetween(calendar, from, end)).toBe(minutes(gap % 4_000));
      }),
    );
  });

  test('of a country with hours of its own has those', () => {
    const place = { country: 'IN', timeZone: 'Asia/Kolkata' };
    expect(calendarNamed(calendarOfPlace(place))).toEqual({ ...calendars.india, name: 'IN@Asia/Kolkata' });
    expect(calendarNamed(calendarOfPlace({ ...place, region: 'KA' })).holidays).toBe('IN-KA');
  });
});

test('the first zone that the engine knows counts', () => {
  expect(firstZone(undefined, 'Mars/Olympus', 'Europe/Kyiv', 'Asia/Kolkata')).toBe('Europe/Kyiv');
  expect(firstZone(undefined, '')).toBe('UTC');
});

test('staff are written to by day and not on Sundays, wherever they are', () => {
  const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
  const zones = ['Asia/Kolkata', 'America/New_York', 'Pacific/Apia', 'Europe/Berlin'];
  fc.assert(
    fc.property(instant, fc.constantFrom(...zones), (at, timeZone) => {
      const then = workingTime(at, timeZone);
      const there = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', timeZone }).formatToParts(
        then,
      );
      const { weekday, hour } = Object.fromEntries(there.map(({ type, value }) => [type, value]));
      expect(weekday).not.toBe('Sun');
      expect(Number(hour)).toBeGreaterThanOrEqual(8);
      expect(Number(hour)).toBeLessThan(20);
      expect(then.getTime() - at.getTime()).toBeGreaterThanOrEqual(0);
      expect(then.getTime() - at.getTime()).toBeLessThan(hours(37.1));
      expect(workingTime(then, timeZone)).toEqual(then);
    }),
  );
});

describe('an order whose account moves', () => {
  const client = { name: 'Cleo', email: 'cleo@example.com' };
  const wanted = { product: 'listings', tier: 'basic', options: {}, source: 'manual', title: 'L', client } as const;
  const made = (calendar: CalendarName) =>
    run(undefined, { ...wanted, type: 'create-order' }, { ...asking(admin), at: start, calendar });
  const follow = (calendar: string, seq: number): OrderCommand => ({ type: 'follow-place', calendar, seq });

  test('has spent what it had by the old calendar, and goes on by the new one, in its clock and in its spans', () => {
    const first = made('US@America/New_York');
    // Three hours of New York's Monday, and then the rest of a day of eight hours in Berlin.
    const at = new Date(start.getTime() + hours(3));
    const moved = run(first.state, follow('DE@Europe/Berlin', 2), { ...asking(orderworks), at });
    expect(moved.state.slaDueAt).toEqual(new Date('2026-03-03T13:00:00Z'));
    const lines = [
      { seq: 1, at: start, events: first.events },
      { seq: 2, at, events: moved.events },
    ];
    const subject = { id: 'o', agency: 'a', account: 'b', calendar: moved.state.calendar };
    const span = spansOf(subject, lines).find((one) => one.of === 'stage');
    expect(span).toMatchObject({ spent: hours(3), calendar: 'DE@Europe/Berlin', version: 2 });
    expect(span).toMatchObject({ dueAt: moved.state.slaDueAt });
  });

  test('follows the newest place only, and never away from a calendar that was given by hand', () => {
    const moved = run(made('US@America/New_York').state, follow('DE@Europe/Berlin', 5), asking(orderworks)).state;
    given(moved).refuses(follow('IN@Asia/Kolkata', 4), 'superseded', { actor: orderworks });
    given(made('us-west').state).refuses(follow('IN@Asia/Kolkata', 9), 'superseded', { actor: orderworks });
    given(moved).refuses(follow('Mars', 9), 'invalid_request', { actor: orderworks });
    given(moved).refuses(follow('IN@Asia/Kolkata', 9), 'forbidden', { actor: { type: 'client', id: 'link' } });
  });
});

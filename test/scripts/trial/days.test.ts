import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { days, hours, minutes, systemClock } from '../../../kernel/time.ts';
import { businessClock } from '../../../runtime/business-clock.ts';
import { beginning, openDays, quarterAfter } from '../../../scripts/trial/days.ts';
import { addBusiness, businessBetween, calendars } from '../../../workflows/time/business-time.ts';

const calendar = calendars['us-east'];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderworks-days-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the days of the demo', () => {
  test('begin on the second Monday of the next September, before four whole weeks of work', () => {
    expect(beginning(new Date('2026-09-14T12:59:00Z'))).toEqual(new Date('2026-09-14T13:00:00Z'));
    expect(beginning(new Date('2026-09-14T13:00:00Z'))).toEqual(new Date('2027-09-13T13:00:00Z'));
    for (let year = 2025; year < 2060; year += 1) {
      const begin = beginning(new Date(`${year}-09-20T00:00:00Z`));
      const end = new Date(begin.getTime() + days(28));
      expect(businessBetween(calendar, begin, end), String(begin)).toBe(20 * hours(8));
    }
  });

  test('have two turns each, on weekdays alone, and every process sees them come', () => {
    const owner = openDays(join(folder, 'clock'));
    const reader = businessClock(owner.file, systemClock);
    const turns: Date[] = [];
    for (let turn = 1; turn <= 12; turn += 1) {
      owner.moveTo(owner.nextTurn());
      turns.push(owner.now());
      expect(reader.now().getTime() - owner.now().getTime()).toBeLessThan(minutes(1));
    }
    const weekdays = turns.map((at) => at.toLocaleDateString('en', { weekday: 'short', timeZone: calendar.zone }));
    expect(weekdays).toEqual(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Mon'].flatMap((day) => [day, day]));
    expect(owner.passed()).toBe(5);
    expect(owner.told()).toMatch(/^Monday .* in the afternoon$/);
  });

  test('bring what is due whole days after an act of one turn before the turn of that day', () => {
    const owner = openDays(join(folder, 'other-clock'));
    owner.moveTo(owner.nextTurn());
    const due = addBusiness(calendar, new Date(owner.now().getTime() + minutes(1)), hours(8));
    owner.moveTo(owner.nextTurn());
    expect(owner.nextTurn().getTime()).toBeGreaterThan(due.getTime());
  });

  test('never go back', () => {
    const owner = openDays(join(folder, 'third-clock'));
    const before = owner.now();
    owner.moveTo(new Date(before.getTime() - days(1)));
    expect(owner.now().getTime()).toBeGreaterThanOrEqual(before.getTime());
  });

  test('stop at the end of the quarter of an hour in which something is due', () => {
    expect(quarterAfter(new Date('2027-09-13T14:00:01Z'))).toEqual(new Date('2027-09-13T14:15:00Z'));
    expect(quarterAfter(new Date('2027-09-13T14:15:00Z'))).toEqual(new Date('2027-09-13T14:15:00Z'));
  });
});

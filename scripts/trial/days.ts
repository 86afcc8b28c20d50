/**
 * The demo's days: it owns the business time that every process reads (decisions/0012). People act twice a day; between
 * that, and over nights and weekends, time is moved on instead of waited for.
 */
import { writeFileSync } from 'node:fs';
import { TZDate } from '@date-fns/tz';
import { format } from 'date-fns/format';
import { type Clock, hours, minutes, systemClock } from '../../kernel/time.ts';
import { businessClock, moveBusinessClock } from '../../runtime/business-clock.ts';
import { addBusiness, businessBetween, calendars, dayOf } from '../../workflows/time/business-time.ts';

const calendar = calendars['us-east'];
const firstTurn = hours(1);
/** A minute more than half a day: what is due whole days after an act of one turn is due before the turn of that day. */
const betweenTurns = hours(4) + minutes(1);
const quarter = minutes(15);

export interface Days extends Clock {
  /** What the processes read. */
  file: string;
  /** When people act next: twice a business day, about ten and about two. */
  nextTurn(): Date;
  moveTo(target: Date): void;
  /** Whole business days since the demo began. */
  passed(): number;
  /** The present day and half of it, in words. */
  told(): string;
}

export function openDays(file: string): Days {
  writeFileSync(file, '0');
  const begin = beginning(systemClock.now());
  moveBusinessClock(file, systemClock, begin);
  const { now } = businessClock(file, systemClock);

  return {
    file,
    now,
    nextTurn() {
      let worked = firstTurn;
      while (addBusiness(calendar, begin, worked) <= now()) worked += betweenTurns;
      return addBusiness(calendar, begin, worked);
    },
    moveTo: (target) => moveBusinessClock(file, systemClock, target),
    passed: () => Math.floor(businessBetween(calendar, begin, now()) / dayOf(calendar)),
    told: () => format(new TZDate(now().getTime(), calendar.zone), 'EEEE d MMMM yyyy, BBBB'),
  };
}

/** The quarter of an hour that `date` falls into ends then: what is due within it is due together. */
export const quarterAfter = (date: Date): Date => new Date(Math.ceil(date.getTime() / quarter) * quarter);

/** The second Monday of the next September: four weeks without a holiday or a change of the clocks follow. */
export function beginning(now: Date): Date {
  const year = now.getFullYear();
  const [coming] = [year, year + 1].map(secondMonday).filter((day) => day > now);
  if (!coming) throw new Error('There is no next September.');
  return coming;
}

function secondMonday(year: number): Date {
  const eighth = new TZDate(year, 8, 8, calendar.opens, calendar.zone);
  const untilMonday = (8 - eighth.getDay()) % 7;
  return new Date(new TZDate(year, 8, 8 + untilMonday, calendar.opens, calendar.zone).getTime());
}

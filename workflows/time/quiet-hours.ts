/**
 * When people may be written to: in their own zone, by day, and those who work for an agency not on a Sunday. What comes at
 * another time waits for the morning.
 */
import { TZDate } from '@date-fns/tz';

const from = 8;
const until = 20;

/** The moment itself, or the next morning where the reader is. */
export function wakingTime(at: Date, zone: string): Date {
  const local = new TZDate(at.getTime(), zone);
  const hour = local.getHours();
  if (hour >= from && hour < until) return at;
  const day = local.getDate() + (hour < from ? 0 : 1);
  return new Date(new TZDate(local.getFullYear(), local.getMonth(), day, from, zone).getTime());
}

/** The same for those who work for an agency: what comes on a Sunday waits for Monday. */
export function workingTime(at: Date, zone: string): Date {
  const awake = wakingTime(at, zone);
  const local = new TZDate(awake.getTime(), zone);
  return local.getDay() === 0 ? dayIn(awake, zone).nextMorning : awake;
}

/** The local date, and the morning after it. */
export function dayIn(at: Date, zone: string): { date: string; nextMorning: Date } {
  const local = new TZDate(at.getTime(), zone);
  const [year, month, day] = [local.getFullYear(), local.getMonth(), local.getDate()];
  const morning = new TZDate(year, month, day + 1, from, zone);
  const date = [year, month + 1, day].map((part) => String(part).padStart(2, '0')).join('-');
  return { date, nextMorning: new Date(morning.getTime()) };
}

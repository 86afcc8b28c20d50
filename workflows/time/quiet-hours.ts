/** When people may be reminded: in their own zone, by day. What comes at night waits for the morning. */
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

/** The local date, and the morning after it. */
export function dayIn(at: Date, zone: string): { date: string; nextMorning: Date } {
  const local = new TZDate(at.getTime(), zone);
  const [year, month, day] = [local.getFullYear(), local.getMonth(), local.getDate()];
  const morning = new TZDate(year, month, day + 1, from, zone);
  const date = [year, month + 1, day].map((part) => String(part).padStart(2, '0')).join('-');
  return { date, nextMorning: new Date(morning.getTime()) };
}

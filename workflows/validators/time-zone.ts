/** Time zones by their IANA names. The engine is asked to use one: its list leaves out names that it understands. */
import { z } from 'zod';

export function isTimeZone(name: string): boolean {
  // The engine takes offsets such as +05:30 as well, which know no daylight saving time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const timeZone = z
  .string()
  .trim()
  .max(64, 'Enter a time zone such as America/Chicago.')
  .refine(isTimeZone, 'Enter a time zone such as America/Chicago.');

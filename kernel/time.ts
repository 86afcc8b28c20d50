/**
 * Time as a value: a clock is handed in, never read. Leases, signatures and TTLs use the process's own clock;
 * business time may run on another one (the demo's virtual clock).
 */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

export const seconds = (n: number): number => n * 1_000;
export const minutes = (n: number): number => n * 60_000;
export const hours = (n: number): number => n * 3_600_000;
export const days = (n: number): number => n * 86_400_000;

/** `date` moved by `ms` milliseconds. */
export function after(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms);
}

/**
 * How long a command may take: its `maxTimeMS`, or what any command may take at most. Everything runs on one thread, so
 * a command is left from within: each document, expression and stage asks `tick`.
 */
import { CommandError } from './errors.ts';

/** Nobody else is answered while one command runs. */
const MOST_MS = 120_000;
const OFTEN = 7;

let until = Number.POSITIVE_INFINITY;
let ticks = 0;

/** When a command that begins now must be over, in ms of `performance.now()`. */
export function deadlineOf(maxTimeMS: unknown): number {
  const ms = typeof maxTimeMS === 'number' && maxTimeMS > 0 ? Math.min(maxTimeMS, MOST_MS) : MOST_MS;
  return performance.now() + ms;
}

export function refuseTimeLimit(maxTimeMS: unknown): void {
  if (maxTimeMS === undefined) return;
  if (typeof maxTimeMS !== 'number') throw new CommandError(14, 'maxTimeMS must be a number');
  if (!Number.isInteger(maxTimeMS) || maxTimeMS < 0 || maxTimeMS > 0x7fffffff)
    throw new CommandError(2, `maxTimeMS must be a whole number from 0 to 2147483647, not ${maxTimeMS}`);
}

export function within<T>(deadline: number, run: () => T): T {
  const before = until;
  until = deadline;
  try {
    return run();
  } finally {
    until = before;
  }
}

/** What the running command has left, in ms. */
export function timeLeft(): number {
  return until - performance.now();
}

export function tick(): void {
  if ((++ticks & OFTEN) === 0 && performance.now() > until) throw new CommandError(50, 'operation exceeded time limit');
}

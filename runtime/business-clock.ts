/**
 * Business time of a trial: the real clock, moved forward by as many milliseconds as a small file says. One process owns
 * the file and moves the time on; every other reads it at each question, so that all tell the same time at once. Neither
 * a file that has gone nor a clock that is put back makes the time that was told once go backwards.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Clock } from '../kernel/time.ts';

/** The real clock itself where there is no file. Throws at once when the file can't be read. */
export function businessClock(file: string | undefined, clock: Clock): Clock {
  if (file === undefined) return clock;
  let offset = offsetIn(file);
  let last = 0;
  return {
    now() {
      offset = Math.max(offset, offsetOr(offset, file));
      last = Math.max(last, clock.now().getTime() + offset);
      return new Date(last);
    },
  };
}

/** Moves the time of everybody who reads the file on to `target`; one that has passed already changes nothing. */
export function moveBusinessClock(file: string, clock: Clock, target: Date): void {
  const offset = target.getTime() - clock.now().getTime();
  if (offset > offsetOr(0, file)) put(file, offset);
}

/** Renamed into place, so that nobody reads half a number. */
function put(file: string, offset: number): void {
  writeFileSync(`${file}.next`, String(offset));
  renameSync(`${file}.next`, file);
}

function offsetIn(file: string): number {
  const offset = Number(readFileSync(file, 'utf8'));
  if (Number.isFinite(offset) && offset >= 0) return offset;
  throw new Error(`${file} does not say by how many milliseconds business time is ahead.`);
}

function offsetOr(otherwise: number, file: string): number {
  try {
    return offsetIn(file);
  } catch {
    return otherwise;
  }
}

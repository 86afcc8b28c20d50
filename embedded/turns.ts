/**
 * The turn. Commands that arrive in one turn of the event loop run together: the reads at once, the writes of all
 * connections in one transaction, which is what makes a durable write affordable. While many write, a transaction waits
 * a moment for as many as the last one had. Of the commands that write many documents one has its next part in each turn.
 */

import type { Server } from './command.ts';
import { isWrite, runCommand } from './commands.ts';
import { deadlineOf, within } from './deadline.ts';
import { CommitFailed } from './disk.ts';
import { asRefusal, describeError } from './errors.ts';
import { ConnectionCut } from './failpoint.ts';
import { advance, isLarge, nextPart, type Progress } from './parts.ts';
import { write } from './store.ts';
import type { Message, Reply } from './wire.ts';

/** From so many writers at a time on, waiting for the others costs less than a sync for each. */
const MANY_WRITERS = 3;
const GATHER_MS = 1;

export interface Job extends Progress {
  deadline: number;
  reply?: Reply | undefined;
  /** Called once, with nothing where the connection is to be cut. */
  done(reply: Reply | undefined): void;
}

export interface Turns {
  server: Server;
  sync: boolean;
  log: (line: string) => void;
  /** The data may not be touched again. */
  leave: (error: Error) => void;
  reads: Job[];
  writes: Job[];
  gathering?: NodeJS.Timeout | undefined;
  writersLast: number;
}

export function newTurns(options: Pick<Turns, 'server' | 'sync' | 'log' | 'leave'>): Turns {
  return { ...options, reads: [], writes: [], writersLast: 1 };
}

export function admit(turns: Turns, message: Message, done: Job['done']): void {
  const job: Job = { message, from: 0, answers: [], deadline: deadlineOf(message.body['maxTimeMS']), done };
  if (!isWrite(message)) {
    if (turns.reads.push(job) === 1) setImmediate(readAll, turns);
    return;
  }
  const waitsForMore = turns.writersLast >= MANY_WRITERS && turns.sync;
  if (turns.writes.push(job) === 1) {
    if (waitsForMore) turns.gathering = setTimeout(writeAll, GATHER_MS, turns);
    else setImmediate(writeAll, turns);
  } else if (turns.gathering && turns.writes.length >= turns.writersLast) {
    clearTimeout(turns.gathering);
    turns.gathering = undefined;
    setImmediate(writeAll, turns);
  }
}

function readAll(turns: Turns): void {
  const jobs = turns.reads;
  turns.reads = [];
  for (const job of jobs) {
    try {
      job.done(within(job.deadline, () => runCommand(turns.server, job.message)));
    } catch (error) {
      job.done(error instanceof ConnectionCut ? undefined : faultOf(error, turns.log));
    }
  }
}

function writeAll(turns: Turns): void {
  readAll(turns);
  const jobs = takeTurn(turns);
  turns.gathering = undefined;
  turns.writersLast = jobs.length;
  commit(turns, jobs);
  for (const job of jobs) {
    const whole = job.reply && advance(job, job.reply);
    if (job.reply && !whole) turns.writes.push(job);
    else job.done(whole);
  }
  if (turns.writes.length > 0) setImmediate(writeAll, turns);
}

/** Everything small, and the large one that has waited longest. */
function takeTurn(turns: Turns): Job[] {
  const waiting = turns.writes;
  const large = waiting.find(isLarge);
  turns.writes = waiting.filter((job) => job !== large && isLarge(job));
  return waiting.filter((job) => job === large || !isLarge(job));
}

/** A fault undoes the whole transaction, so everyone in it is then run alone, and only who failed is told so. */
function commit(turns: Turns, jobs: Job[]): void {
  try {
    write(turns.server.store, () => {
      for (const job of jobs) job.reply = runPart(turns, job);
    });
  } catch (error) {
    if (error instanceof CommitFailed) {
      for (const job of jobs) job.reply = undefined;
      turns.leave(error);
    } else if (jobs.length > 1) for (const job of jobs) commit(turns, [job]);
    else for (const job of jobs) job.reply = faultOf(error, turns.log);
  }
}

function runPart({ server }: Turns, job: Job): Reply | undefined {
  try {
    return within(job.deadline, () => runCommand(server, nextPart(job)));
  } catch (error) {
    if (error instanceof ConnectionCut) return undefined;
    const refusal = asRefusal(error);
    if (!refusal || refusal.code === 14031) throw error;
    return describeError(refusal);
  }
}

export function faultOf(error: unknown, log: (line: string) => void): Reply {
  if (!asRefusal(error)) log(`Fault: ${error instanceof Error ? error.stack : String(error)}`);
  return describeError(error);
}

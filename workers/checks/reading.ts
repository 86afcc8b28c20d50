/**
 * Reads texts from outside in threads beside the event loop, which goes on whatever they hold. A thread that takes too
 * long, or too much memory, is ended; nobody else's reading is lost by it.
 */
import { Piscina } from 'piscina';
import { settleWithin } from '../../kernel/deadline.ts';
import { seconds } from '../../kernel/time.ts';
import type * as questions from './questions.ts';

type Questions = typeof questions;
export type Question = Exclude<keyof Questions, 'bare'>;

/** It could not be read to the end. */
export class Unreadable extends Error {
  override name = 'Unreadable';
}

/** With what it waits for a thread; a text of the largest size takes a fraction of a second. */
const patience = seconds(15);
const threads = 2;
const memory = 256;
/** They yield to everything else on the machine: sites that are slow to read slow nobody else down. Elsewhere than on Linux
 * a thread has no priority of its own. */
const yielding = process.platform === 'linux' ? 10 : 0;

let pool: Piscina | undefined;

/** Asks a question of `questions.ts`; throws Unreadable when there was no answer in time. */
export async function ask<Q extends Question>(
  question: Q,
  input: Parameters<Questions[Q]>[0],
  signal?: AbortSignal,
): Promise<ReturnType<Questions[Q]>> {
  let inTime: AbortSignal | undefined;
  const reading = settleWithin(
    patience,
    (limit) => {
      inTime = limit;
      return running().run(input, { name: question, signal: limit });
    },
    signal,
  );
  try {
    return await reading;
  } catch (error) {
    const isEnded = inTime?.aborted === true || (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (isEnded) throw new Unreadable('It is too large to be read in the time and memory allowed.');
    throw error;
  }
}

/** Begun with the first question; a thread without any ends by itself, and none keeps the process. */
function running(): Piscina {
  if (pool) return pool;
  const isSource = import.meta.url.endsWith('.ts');
  pool = new Piscina({
    filename: new URL(isSource ? './questions.ts' : './questions.js', import.meta.url).href,
    ...{ minThreads: 0, maxThreads: threads, idleTimeout: seconds(10), niceIncrement: yielding },
    resourceLimits: { maxOldGenerationSizeMb: memory },
    execArgv: isSource ? ['--import', new URL('./from-source.mjs', import.meta.url).href] : [],
  });
  pool.on('error', () => undefined); // A thread that ends tells whoever waits for it; without a listener it would throw.
  return pool;
}

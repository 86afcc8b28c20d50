/** What scenarios have in common: arming a process with a fate, waiting for it, and judging answers during an outage. */
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import type { Managed } from './process.ts';
import type { World } from './world.ts';

export interface Fate {
  point: string;
  nth?: number;
  act: 'die' | 'stop' | 'block' | 'hang';
  ms?: number;
}

const lifeWith = ({ point, nth = 2, act, ms = 0 }: Fate) => ({
  preload: ['failpoint.ts'],
  env: { CHAOS_POINT: point, CHAOS_NTH: String(nth), CHAOS_ACT: act, CHAOS_MS: String(ms) },
});

/**
 * Starts the process anew with a fate, in place of the life it has. It may finish what it is at: the harm is what follows,
 * and a job that was under way at every arming, too, would look like one that crashes its worker.
 */
export async function arm(process: Managed, fate: Fate): Promise<void> {
  await process.stop();
  await process.start(lifeWith(fate));
}

/** Resolves to true when the process, or one of them, has met its fate. */
export function meets(processes: Managed | Managed[], { point, act }: Fate, within = 60_000): Promise<boolean> {
  const fate = `chaos: ${act} at ${point}`;
  const met = async () => (await Promise.all([processes].flat().map((one) => one.says(fate)))).some((n) => n > 0);
  return eventually(met, { within, every: 50 }).then(
    () => true,
    () => false,
  );
}

export function pick<T>({ random }: World, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** The requests that began between two moments: how many, how slow the slowest of a hundred, how they were answered. */
export function answers({ load }: World, from: number, to: number) {
  const tries = load.tries.filter(({ at }) => at >= from && at < to);
  const sorted = tries.map(({ ms }) => ms).sort((a, b) => a - b);
  const count = (of: (status: number) => boolean) => tries.filter(({ status }) => of(status)).length;
  return {
    all: tries.length,
    p99: Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
    slowest: Math.round(sorted.at(-1) ?? 0),
    accepted: count((status) => status === 202),
    faults: count((status) => status >= 500),
    silent: count((status) => status === 0),
  };
}

/** Load before, during and after an outage; resolves to the moments it began and ended. */
export async function outage(
  world: World,
  { begin, end, ms }: { begin: () => unknown; end: () => unknown; ms: number },
): Promise<{ from: number; to: number }> {
  world.load.begin({ perSecond: 5 });
  await wait(4_000);
  await begin();
  const from = performance.now();
  await wait(ms);
  const to = performance.now();
  await end();
  await wait(2_000);
  return { from, to };
}

/** A long outage at the trial's scale, never shorter than `least`. */
export const scaled = ({ scale }: World, ms: number, least: number): number => Math.max(least, Math.round(ms * scale));

/** How many items were carried out in each second between two moments. */
export async function paceOf({ models }: World, from: number, to: number): Promise<number> {
  const [since, until] = [from, to].map((at) => new Date(performance.timeOrigin + at));
  const settledAt = { $gte: since, $lt: until };
  const count = await models.work.model.collection.countDocuments({ state: { $ne: 'dead' }, settledAt });
  return count / ((to - from) / 1_000);
}

const least = 0.8;

/** What the others lose by it, as a note and a verdict. */
export function othersKeep(before: number, during: number): { note: string; missed: string[] } {
  const share = during / before;
  return {
    note: `others kept ${Math.round(share * 100)} % of ${before.toFixed(0)}/s`,
    missed: share < least ? [`others kept only ${Math.round(share * 100)} %`] : [],
  };
}

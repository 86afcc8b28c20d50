/**
 * How long a killed worker's jobs take to be given to another: from its death until BullMQ counts another start of the
 * job. What the next one then does with it is another matter: a mail that may have gone out waits until that is certain.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { queues } from '../../queues/index.ts';
import type { World } from './world.ts';

interface Held {
  key: string;
  delayed: string;
  id: string;
  starts: string;
}

const patience = 60_000;

/** The jobs that are active now, and how often each was started. */
export async function heldBy({ client, prefix }: World): Promise<Held[]> {
  const lists = Object.keys(queues).map(async (queue) => {
    const ids = await client.lrange(`${prefix}:${queue}:active`, '0', '-1');
    const jobs = ids.map(async (id) => {
      const key = `${prefix}:${queue}:${id}`;
      return { key, id, delayed: `${prefix}:${queue}:delayed`, starts: (await client.hget(key, 'ats')) ?? '' };
    });
    return Promise.all(jobs);
  });
  return (await Promise.all(lists)).flat();
}

/** Resolves to the seconds until the last of them was started again, or had ended after all. Call it at once. */
export async function redelivery({ client }: World, held: Held[]): Promise<number> {
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1_000;
  const isThere = async ({ key, delayed, id, starts }: Held) => {
    const [now, finishedOn] = await client.hmget(key, 'ats', 'finishedOn');
    return now === starts && finishedOn === null && (await client.zscore(delayed, id)) === null;
  };
  let left = held;
  let last = 0;
  while (left.length > 0 && performance.now() - begun < patience) {
    const still = await Promise.all(left.map(isThere));
    if (still.includes(false)) last = elapsed();
    left = left.filter((_, index) => still[index]);
    await wait(50);
  }
  return left.length > 0 ? Number.POSITIVE_INFINITY : last;
}

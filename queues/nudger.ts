/**
 * The Redis side of a work item: adding the job that nudges a worker, asking whether it is still there, and reading what
 * BullMQ gave up on. Everything here may be lost at any time; MongoDB knows what is open.
 */
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { jobId, parseJobId } from '../kernel/ids.ts';
import { joined } from '../kernel/joined.ts';
import type { WorkItem } from '../kernel/work.ts';
import { namesIn } from './contract.ts';
import { contractOf, fromOutside } from './index.ts';
import { jobOptions, keptFinished } from './job-options.ts';
import { expel, findPoison } from './poison.ts';

/** A job that BullMQ will not run again. */
export interface Abandoned {
  queue: string;
  job: string;
  workId: string | undefined;
  generation: number | undefined;
  reason: string;
  /** It cannot be read: whatever its id says, it may be anybody's. */
  isPoison?: boolean;
  /** What it carried, as JSON, where its queue is fed from outside and nothing else remembers it. */
  said?: string;
}

/** Only where the job is there: a key made anew would lie about for ever. */
const uncount = "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('HINCRBY', KEYS[1], 'ats', -1) end";

const patience = 250;
const lookEvery = 2_000;
const tidyEvery = 30_000;

export type Nudger = ReturnType<typeof createNudger>;

/** `connection` must fail fast (no offline queue): acceptance does not wait for Redis. */
export function createNudger({ connection, prefix }: { connection: Redis; prefix: string }) {
  const open = new Map<string, Queue>();
  /** Nudges whose answer did not come in time. While there is one, nobody else is made to wait for Redis. */
  let late = 0;
  const lookedAt = new Map<string, number>();
  const tidiedAt = new Map<string, number>();
  const jobKey = (queue: string, job: string) => `${prefix}:${queue}:${job}`;

  function queueOf(name: string): Queue {
    const known = open.get(name);
    if (known) return known;
    const queue = new Queue(contractOf(name).name, { connection, prefix, skipWaitingForReady: true });
    queue.on('error', () => undefined); // The connection's owner logs its errors; without a listener they would throw.
    open.set(name, queue);
    return queue;
  }

  /** A queue whose first words to Redis failed never speaks again: the next caller gets another one. */
  function startAfresh(name: string): (error: Error) => never {
    return (error) => {
      const queue = open.get(name);
      open.delete(name);
      queue?.close().catch(() => undefined);
      throw error;
    };
  }

  const adding = joined(async (items: WorkItem[]) => {
    for (const name of new Set(items.map(({ queue }) => queue))) {
      const options = jobOptions(contractOf(name));
      const own = items.filter(({ queue }) => queue === name);
      const jobs = own.map(({ _id, kind, generation }) => ({
        name: kind,
        data: { work: _id },
        opts: { ...options, jobId: jobId(kind, _id, generation) },
      }));
      await queueOf(name).addBulk(jobs).catch(startAfresh(name));
    }
    return items.map(() => undefined);
  });

  /** Rejects when the answer does not come soon; it is waited for behind the caller's back. */
  function soon(answer: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        late += 1;
        reject(new Error(`Redis did not answer within ${patience} ms.`));
      }, patience);
      const end = () => {
        clearTimeout(timer);
        if (isLate) late -= 1;
      };
      answer.finally(end).then(resolve, reject);
    });
  }

  /** Jobs that no handler will ever see; such a job says nothing about an item, which gets another when its lease ends. */
  async function unreadable(queue: string, limit: number): Promise<Abandoned[]> {
    const now = performance.now();
    if (now - (lookedAt.get(queue) ?? Number.NEGATIVE_INFINITY) < lookEvery) return [];
    lookedAt.set(queue, now);
    const found = await findPoison(connection, `${prefix}:${queue}`, limit);
    const known = {
      workId: undefined,
      generation: undefined,
      reason: 'The data or the options of the job cannot be read.',
    };
    return found.map((job) => ({ queue, job, ...known, isPoison: true }));
  }

  /** Failed jobs of a queue that others fill: their ids are of the others' choice, and say nothing of our items. */
  async function unaccepted(queue: string, ids: string[]): Promise<Abandoned[]> {
    const known = { workId: undefined, generation: undefined };
    return Promise.all(
      ids.map(async (job) => {
        const [reason, said] = await connection.hmget(jobKey(queue, job), 'failedReason', 'data');
        return { queue, job, ...known, reason: reason ?? 'unknown', ...(said != null && { said }) };
      }),
    );
  }

  return {
    isUp: () => connection.status === 'ready' && late === 0,

    /**
     * Adding a job that is there already changes nothing: its id is the item's and generation's own. Nobody waits for a
     * Redis that does not answer; the job may be there all the same.
     */
    nudge: (item: WorkItem): Promise<void> => soon(adding(item)),

    /** For each item: true while its job waits or runs, false when it has gone or finished without settling the item. */
    async probe(items: WorkItem[]): Promise<boolean[]> {
      if (items.length === 0) return [];
      const pipeline = connection.pipeline();
      for (const { _id, queue, kind, generation } of items) {
        pipeline.hmget(jobKey(queue, jobId(kind, _id, generation)), 'timestamp', 'finishedOn');
      }
      const answers = (await pipeline.exec()) ?? [];
      return answers.map(([error, fields]) => {
        if (error) throw error;
        const [timestamp, finishedOn] = fields as (string | null)[];
        return timestamp !== null && finishedOn === null;
      });
    },

    /**
     * A start that ended in an orderly wait is not counted: BullMQ gives a job up that was started too often, which must
     * only ever mean that its worker crashed.
     */
    async uncountStart(queue: string, job: string): Promise<void> {
      await connection.eval(uncount, 1, jobKey(queue, job));
    },

    /** What BullMQ counts as failed: crashed too often, unparsable, or failed before it could be recorded. */
    async abandoned(queue: string, limit: number): Promise<Abandoned[]> {
      const ids = await connection.zrange(jobKey(queue, 'failed'), '0', String(limit - 1));
      if (fromOutside.includes(queue)) return [...(await unaccepted(queue, ids)), ...(await unreadable(queue, limit))];
      const failed = ids.map(async (job) => {
        const reason = (await connection.hget(jobKey(queue, job), 'failedReason')) ?? 'unknown';
        const { workId, generation } = parseJobId(job, namesIn(contractOf(queue).jobs)) ?? {};
        return { queue, job, workId, generation, reason };
      });
      return [...(await Promise.all(failed)), ...(await unreadable(queue, limit))];
    },

    async forget({ queue, job, isPoison }: Abandoned): Promise<void> {
      if (isPoison) await expel(connection, `${prefix}:${queue}`, job);
      else await queueOf(queue).remove(job);
    },

    /** Removes what has been finished for long, whatever the job itself says of how long it is kept. */
    async tidy(queue: string): Promise<void> {
      const now = performance.now();
      if (now - (tidiedAt.get(queue) ?? Number.NEGATIVE_INFINITY) < tidyEvery) return;
      tidiedAt.set(queue, now);
      await queueOf(queue).clean(keptFinished.age * 1_000, 1_000, 'completed');
    },

    /** The number this process left in Redis at its last tick, or undefined when Redis has lost it. */
    async pulse(name: string): Promise<number | undefined> {
      const value = await connection.get(`${prefix}:pulse:${name}`);
      return value === null ? undefined : Number(value);
    },

    async setPulse(name: string, value: number): Promise<void> {
      await connection.set(`${prefix}:pulse:${name}`, String(value), 'EX', 86_400);
    },

    async close(): Promise<void> {
      await Promise.allSettled([...open.values()].map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}

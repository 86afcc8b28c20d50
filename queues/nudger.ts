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
import { waitingOutside } from './waiting-outside.ts';

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
  said?: string | undefined;
}

/** Only where the job is there: a key made anew would lie about for ever. */
const uncount = "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('HINCRBY', KEYS[1], 'ats', -1) end";

const patience = 250;
const lookEvery = 2_000;
const tidyEvery = 30_000;

export type Nudger = ReturnType<typeof createNudger>;

interface QueueRedis {
  connection: Redis;
  prefix: string;
}

/** `connection` must fail fast (no offline queue): acceptance does not wait for Redis. */
export function createNudger(redis: QueueRedis) {
  const queues = openQueues(redis);
  const answers = impatience();
  const adding = joined(async (items: WorkItem[]) => {
    for (const name of new Set(items.map(({ queue }) => queue))) {
      await queues.add(
        name,
        items.filter(({ queue }) => queue === name),
      );
    }
    return items.map(() => undefined);
  });

  return {
    isUp: () => redis.connection.status === 'ready' && !answers.areLate(),

    /**
     * Adding a job that is there already changes nothing: its id is the item's and generation's own. Nobody waits for a
     * Redis that does not answer; the job may be there all the same.
     */
    nudge: (item: WorkItem): Promise<void> => answers.soon(adding(item)),

    ...jobs(redis),
    ...givenUp(redis, queues),
    ...finished(queues),
    ...pulses(redis),
    ...turns(redis, queues),

    async close(): Promise<void> {
      await queues.close();
      redis.connection.disconnect();
    },
  };
}

type Queues = ReturnType<typeof openQueues>;

function openQueues({ connection, prefix }: QueueRedis) {
  const open = new Map<string, Queue>();

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

  return {
    queueOf,

    async add(name: string, items: WorkItem[]): Promise<void> {
      const options = jobOptions(contractOf(name));
      const added = items.map(({ _id, kind, generation }) => ({
        name: kind,
        data: { work: _id },
        opts: { ...options, jobId: jobId(kind, _id, generation) },
      }));
      await queueOf(name).addBulk(added).catch(startAfresh(name));
    },

    async close(): Promise<void> {
      await Promise.allSettled([...open.values()].map((queue) => queue.close()));
    },
  };
}

/** While an answer of Redis is late, nobody else is made to wait for one. */
function impatience() {
  let late = 0;
  return {
    areLate: () => late > 0,

    /** Rejects when the answer does not come soon; it is waited for behind the caller's back. */
    soon: (answer: Promise<void>): Promise<void> =>
      new Promise((resolve, reject) => {
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
      }),
  };
}

const jobKey = (prefix: string, queue: string, job: string) => `${prefix}:${queue}:${job}`;

function jobs({ connection, prefix }: QueueRedis) {
  return {
    /** For each item: true while its job waits or runs, false when it has gone or finished without settling the item. */
    async probe(items: WorkItem[]): Promise<boolean[]> {
      if (items.length === 0) return [];
      const pipeline = connection.pipeline();
      for (const { _id, queue, kind, generation } of items) {
        pipeline.hmget(jobKey(prefix, queue, jobId(kind, _id, generation)), 'timestamp', 'finishedOn');
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
      await connection.eval(uncount, 1, jobKey(prefix, queue, job));
    },
  };
}

/** The jobs that BullMQ will not run again. */
function givenUp({ connection, prefix }: QueueRedis, { queueOf }: Queues) {
  const lookedAt = new Map<string, number>();
  const unknown = { workId: undefined, generation: undefined };

  /** Jobs that no handler will ever see; such a job says nothing about an item, which gets another when its lease ends. */
  async function unreadable(queue: string, limit: number): Promise<Abandoned[]> {
    const now = performance.now();
    if (now - (lookedAt.get(queue) ?? Number.NEGATIVE_INFINITY) < lookEvery) return [];
    lookedAt.set(queue, now);
    const found = await findPoison(connection, `${prefix}:${queue}`, limit);
    const reason = 'The data or the options of the job cannot be read.';
    return found.map((job) => ({ queue, job, ...unknown, reason, isPoison: true }));
  }

  /** Failed jobs of a queue that others fill: their ids are of the others' choice, and say nothing of our items. */
  async function unaccepted(queue: string, job: string): Promise<Abandoned> {
    const [reason, said] = await connection.hmget(jobKey(prefix, queue, job), 'failedReason', 'data');
    return { queue, job, ...unknown, reason: reason ?? 'unknown', said: said ?? undefined };
  }

  async function failed(queue: string, job: string): Promise<Abandoned> {
    const reason = (await connection.hget(jobKey(prefix, queue, job), 'failedReason')) ?? 'unknown';
    const { workId, generation } = parseJobId(job, namesIn(contractOf(queue).jobs)) ?? unknown;
    return { queue, job, workId, generation, reason };
  }

  return {
    /** What BullMQ counts as failed: crashed too often, unparsable, or failed before it could be recorded. */
    async abandoned(queue: string, limit: number): Promise<Abandoned[]> {
      const ids = await connection.zrange(jobKey(prefix, queue, 'failed'), '0', String(limit - 1));
      const look = fromOutside.includes(queue) ? unaccepted : failed;
      const looked = await Promise.all(ids.map((job) => look(queue, job)));
      return [...looked, ...(await unreadable(queue, limit))];
    },

    async forget({ queue, job, isPoison }: Abandoned): Promise<void> {
      if (isPoison) await expel(connection, `${prefix}:${queue}`, job);
      else await queueOf(queue).remove(job);
    },
  };
}

function finished({ queueOf }: Queues) {
  const tidiedAt = new Map<string, number>();
  return {
    /** Removes what has been finished for long, whatever the job itself says of how long it is kept. */
    async tidy(queue: string): Promise<void> {
      const now = performance.now();
      if (now - (tidiedAt.get(queue) ?? Number.NEGATIVE_INFINITY) < tidyEvery) return;
      tidiedAt.set(queue, now);
      await queueOf(queue).clean(keptFinished.age * 1_000, 1_000, 'completed');
    },
  };
}

/** Of a queue that others fill: who waits, and when it is whose turn. */
function turns(redis: QueueRedis, { queueOf }: Queues) {
  const { crowd, currentTurn, putInTurn } = waitingOutside(redis);
  return {
    crowd,
    currentTurn,
    async putInTurns(queue: string, turnOf: ReadonlyMap<string, number>): Promise<void> {
      await Promise.all([...turnOf].map(([job, turn]) => putInTurn(queueOf(queue), job, turn)));
    },
  };
}

function pulses({ connection, prefix }: QueueRedis) {
  return {
    /** The number this process left in Redis at its last tick, or undefined when Redis has lost it. */
    async pulse(name: string): Promise<number | undefined> {
      const value = await connection.get(`${prefix}:pulse:${name}`);
      return value === null ? undefined : Number(value);
    },

    async setPulse(name: string, value: number): Promise<void> {
      await connection.set(`${prefix}:pulse:${name}`, String(value), 'EX', 86_400);
    },
  };
}

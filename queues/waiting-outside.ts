/**
 * The waiting list of a queue that others fill. A list is served from its head, however many of one sender stand there; so
 * what makes it long is taken out and given turns, which BullMQ calls priorities: the list is empty first, then come the
 * turns, the lowest number first.
 */
import { Job, type Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** Of a waiting job, what it carries; undefined when it is too long to be a command. */
export interface WaitingJob {
  job: string;
  said: string | undefined;
}

const longest = 65_536;
/** BullMQ's scores: the priority, and below it a counter. */
const ofTurn = 0x1_0000_0000;

export function waitingOutside({ connection, prefix }: { connection: Redis; prefix: string }) {
  const keyOf = (queue: string, part: string) => `${prefix}:${queue}:${part}`;

  return {
    /** The jobs at the head of the list, when it is longer than `short`. */
    async crowd(queue: string, { short, most }: { short: number; most: number }): Promise<WaitingJob[]> {
      if ((await connection.llen(keyOf(queue, 'wait'))) <= short) return [];
      const ids = (await connection.lrange(keyOf(queue, 'wait'), -most, -1)).reverse();
      const lengths = await Promise.all(ids.map((id) => connection.hstrlen(keyOf(queue, id), 'data')));
      const said = ids.map(async (job, at) => {
        const text = (lengths[at] ?? 0) > longest ? undefined : await connection.hget(keyOf(queue, job), 'data');
        return { job, said: text ?? undefined };
      });
      return Promise.all(said);
    },

    /** The turn that is being served; 0 when nobody waits for one. */
    async currentTurn(queue: string): Promise<number> {
      const [, score] = await connection.zrange(keyOf(queue, 'prioritized'), '0', '0', 'WITHSCORES');
      return score === undefined ? 0 : Math.floor(Number(score) / ofTurn);
    },

    /** Takes a job out of the list. One that a worker has taken meanwhile is left alone, and so is one that has gone. */
    async putInTurn(queue: Queue, job: string, turn: number): Promise<void> {
      try {
        await new Job(queue, 'command', {}, {}, job).changePriority({ priority: turn });
      } catch (error) {
        if ((await connection.exists(keyOf(queue.name, job))) === 1) throw error;
      }
    },
  };
}

/** A worker definition as a running BullMQ worker, with the measured options; every worker of a queue must use the same. */
import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { withOurOptions } from '../../queues/job-options.ts';
import type { Context } from './context.ts';
import { perform, type WorkerDefinition } from './define.ts';

/**
 * A crashed worker's job is given to another after at most lock + two stalled intervals: 15 s. Two, because the whole
 * fleet makes one check an interval, and when its checker dies the next one comes up to an interval late.
 */
const workerOptions = { lockDuration: 10_000, stalledInterval: 2_500, maxStalledCount: 3 };

export interface HostOptions {
  connection: Redis;
  prefix: string;
}

export function host(worker: WorkerDefinition, context: Context, { connection, prefix }: HostOptions): Worker {
  const { queue, concurrency } = worker;
  const log = context.log.child({ queue: queue.name });
  const run = async (job: Job, token?: string) =>
    perform(worker, withOurOptions(job, queue), { ...context, log }, token);
  const running = new Worker(queue.name, run, {
    ...workerOptions,
    maxStartedAttempts: queue.attempts + 5,
    connection,
    prefix,
    concurrency,
    drainDelay: 1,
    runRetryDelay: 1_000,
    metrics: { maxDataPoints: 60 * 24 },
  });
  running.on('error', (error) => log.warn({ error: error.message }, 'worker'));
  running.on('stalled', (id) => log.warn({ job: id }, 'stalled: the job is given out again'));
  return running;
}

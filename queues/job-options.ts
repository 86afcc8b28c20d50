/**
 * The options of every job. A worker goes by these and never by what stands in Redis: whoever can add a job could ask to
 * be tried a million times, or to be kept for ever.
 */
import type { Job, JobsOptions } from 'bullmq';
import type { QueueContract } from './contract.ts';

/** How long a finished job is kept, in seconds, and how many. */
export const keptFinished = { age: 3_600, count: 10_000 };

export function jobOptions({ attempts, backoff }: Pick<QueueContract, 'attempts' | 'backoff'>): JobsOptions {
  return {
    attempts,
    backoff: { type: 'exponential', delay: backoff, jitter: 0.5 },
    removeOnComplete: keptFinished,
    stackTraceLimit: 3,
    sizeLimit: 16_384,
  };
}

/** The job with our options, and as nobody's child: a parent is a job of another's choice. */
export function withOurOptions(job: Job, queue: QueueContract): Job {
  const { delay, priority } = job.opts;
  job.opts = {
    ...jobOptions(queue),
    ...(delay !== undefined && { delay }),
    ...(priority !== undefined && { priority }),
  };
  Object.assign(job, { parent: undefined, parentKey: undefined, repeatJobKey: undefined });
  return job;
}

/**
 * What producers and workers of a queue agree on: its job kinds with their payload schemas, the payloads' version, and
 * how often and how long a worker tries. Kinds are data in MongoDB and Redis: one that changes its name loses its items.
 */
import type { z } from 'zod';
import type { EffectDraft } from '../kernel/work.ts';

export interface QueueContract<Jobs extends Record<string, z.ZodType> = Record<string, z.ZodType>> {
  name: string;
  jobs: Jobs;
  /** Version of the payloads; a worker leaves items with a higher one to a newer worker. */
  schema: number;
  /** Attempts within one generation, and the first wait between them in ms (doubled each time, with jitter). */
  attempts: number;
  backoff: number;
  /** How long one attempt may take, in ms. */
  timeout: number;
  /** Nobody waits for its items: what a commit asks for is left to the dispatcher, which costs the commit nothing. */
  patient: boolean;
}

export type Payload<Q extends QueueContract, Kind extends keyof Q['jobs']> = z.infer<Q['jobs'][Kind]>;

export function defineQueue<Jobs extends Record<string, z.ZodType>>(
  name: string,
  jobs: Jobs,
  { schema = 1, attempts = 5, backoff = 1_000, timeout = 30_000, patient = false } = {},
): QueueContract<Jobs> {
  const wrong = Object.keys(jobs).find((kind) => !/^[a-z]{2,12}$/.test(kind));
  if (wrong) throw new Error(`The kind "${wrong}" of the queue "${name}" must be 2 to 12 lower-case letters.`);
  return { name, jobs, schema, attempts, backoff, timeout, patient };
}

/** What is the same for all the items that one change emits: who, how, for whom. */
export type Origin = Pick<EffectDraft, 'actor' | 'cause' | 'agency' | 'account' | 'requestId'>;

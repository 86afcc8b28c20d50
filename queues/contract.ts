/**
 * What producers and workers of a queue agree on: its job kinds with their payload schemas, what a replay may do with
 * each, and how often and how long a worker tries. Kinds are data in MongoDB and Redis: one that changes its name keeps
 * the old one as `was` for a release.
 */
import { z } from 'zod';
import type { EffectDraft } from '../kernel/work.ts';
import type { Safety } from '../workflows/rules/safety.ts';

interface Traits {
  /** What a replay may do with an item that was tried before. */
  replay: Safety;
  /** The version that its items carry, where it is higher than the queue's: older workers leave them to newer ones. */
  since?: number;
  /** Its name in the release before, under which items may still be stored. */
  was?: string;
}

/** A kind of job: the schema of its payload, and what is declared with it. */
export type Job<P extends z.ZodType = z.ZodType> = P & Traits;

type Jobs = Record<string, Job>;

/** A kind that changes nothing outside. */
export const pure = <P extends z.ZodType>(payload: P, history: Omit<Traits, 'replay'> = {}): Job<P> =>
  job(payload, { replay: 'pure', ...history });

/** A kind that has one effect however often it is done. */
export const idempotent = <P extends z.ZodType>(payload: P, history: Omit<Traits, 'replay'> = {}): Job<P> =>
  job(payload, { replay: 'idempotent', ...history });

/** A kind that is never done again once it succeeded. What became of it is looked up in its record (replays.ts). */
export const once = <P extends z.ZodType>(payload: P, history: Omit<Traits, 'replay'> = {}): Job<P> =>
  job(payload, { replay: 'once', ...history });

/** A schema of its own: two kinds may share a payload and differ in what is declared. */
const job = <P extends z.ZodType>(payload: P, traits: Traits): Job<P> => Object.assign(payload.clone() as P, traits);

/** What is the same for all the items that one change asks for: who, how, for whom. */
export type Origin = Pick<EffectDraft, 'actor' | 'cause' | 'agency' | 'account' | 'requestId'>;

type Placed = Pick<EffectDraft, 'queue' | 'kind' | 'schema' | 'payload'>;

export interface QueueContract<J extends Jobs = Jobs> {
  name: string;
  jobs: J;
  /** Version of the payloads; a worker leaves items with a higher one to a newer worker. */
  schema: number;
  /** Attempts within one generation, and the first wait between them in ms (doubled each time, with jitter). */
  attempts: number;
  backoff: number;
  /** How long one attempt may take, in ms. */
  timeout: number;
  /** Nobody waits for its items: what a commit asks for is left to the dispatcher, which costs the commit nothing. */
  patient: boolean;
  /** An item of this queue. `origin` brings everything else: an id, an order, a time. */
  draft<Kind extends keyof J & string, O extends Origin>(kind: Kind, payload: z.input<J[Kind]>, origin: O): O & Placed;
}

export type Payload<Q extends QueueContract, Kind extends keyof Q['jobs']> = z.output<Q['jobs'][Kind]>;

/** Whether drafts are parsed when they are made. A process in production leaves that to the worker that takes them. */
export const drafting = { parses: true };

const kindPattern = /^[a-z]+(-[a-z]+)*$/;
const longestKind = 40;

export function defineQueue<J extends Jobs>(
  name: string,
  jobs: J,
  { schema = 1, attempts = 5, backoff = 1_000, timeout = 30_000, patient = false } = {},
): QueueContract<J> {
  const kinds = namesIn(jobs);
  const wrong = kinds.find((kind) => !kindPattern.test(kind) || kind.length > longestKind);
  if (wrong) {
    throw new Error(
      `The kind "${wrong}" of the queue "${name}" must be kebab-case, at most ${longestKind} characters.`,
    );
  }
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index);
  if (twice) throw new Error(`The queue "${name}" has two kinds "${twice}".`);
  const contract: QueueContract<J> = {
    ...{ name, jobs, schema, attempts, backoff, timeout, patient },
    draft(kind, payload, origin) {
      if (drafting.parses) requireFit(name, kind, jobs[kind]?.safeParse(payload));
      const placed = { queue: name, kind, schema: versionOf(contract, kind), payload: payload as Placed['payload'] };
      return { ...origin, ...placed };
    },
  };
  return contract;
}

function requireFit(queue: string, kind: string, parsed: z.ZodSafeParseResult<unknown> | undefined): void {
  if (parsed?.success) return;
  const why = parsed ? z.prettifyError(parsed.error) : 'the queue has no such kind';
  throw new Error(`No worker could read this "${kind}" of the queue "${queue}": ${why}`);
}

/** The kind that a stored item is of: its own, or the one that was called that before. */
export function kindOf({ jobs }: Pick<QueueContract, 'jobs'>, stored: string): string | undefined {
  if (Object.hasOwn(jobs, stored)) return stored;
  return Object.keys(jobs).find((kind) => jobs[kind]?.was === stored);
}

/** The highest version of an item of this kind that can be read here. */
export function versionOf({ jobs, schema }: Pick<QueueContract, 'jobs' | 'schema'>, stored: string): number {
  const kind = kindOf({ jobs }, stored);
  return Math.max(schema, (kind !== undefined && jobs[kind]?.since) || 0);
}

/** Every name that a kind has, or had in the release before. */
export const namesIn = (jobs: Jobs): string[] =>
  Object.entries(jobs).flatMap(([kind, { was }]) => (was === undefined ? [kind] : [kind, was]));

/**
 * The work item: the durable record of one thing that must be done. The BullMQ job only nudges a worker to look at it.
 * `runAt` is when it may be done and is never moved by a lease; `dueAt` is the lease of a nudge; `phase` is where it is.
 */

import type { Actor, Cause } from './actor.ts';
import { clip } from './clip.ts';
import { hashOf } from './ids.ts';
import { days } from './time.ts';

type WorkState = 'open' | 'done' | 'refused' | 'superseded' | 'dead' | 'discarded';
export type WorkPhase = 'waiting' | 'ready' | 'nudged';

/** How an item ended; `result` holds ids only. */
export interface Outcome {
  status: 'done' | 'refused' | 'superseded';
  code?: string;
  message?: string;
  errors?: { pointer: string; rule: string; message: string }[];
  result?: Record<string, string | number>;
}

/** Why an item is dead; equal causes have equal fingerprints. */
export interface Failure {
  fingerprint: string;
  message: string;
  at: Date;
}

/** What somebody asks to be done. `_id` is natural wherever the world can repeat itself. */
export interface WorkDraft {
  _id: string;
  queue: string;
  kind: string;
  schema: number;
  payload: Record<string, unknown>;
  actor: Actor;
  cause: Cause;
  reason?: string;
  agency: string;
  account: string;
  order?: string;
  expectedVersion?: number;
  requestId?: string;
  runAt?: Date;
}

/** What a change asks to be done elsewhere; the commit gives it a natural id unless it brings one. */
export type EffectDraft = Omit<WorkDraft, '_id'> & { _id?: string };

export interface WorkItem extends WorkDraft {
  bodyHash: string;
  state: WorkState;
  phase: WorkPhase;
  generation: number;
  probes: number;
  runAt: Date;
  dueAt: Date;
  createdAt: Date;
  outcome?: Outcome;
  failure?: Failure;
  settledAt?: Date;
  expireAt?: Date;
}

/** For how long an item is kept after its end: so long a request that is repeated is known. */
export const keptFor = days(30);

/** First lease of a nudge, in ms; it must outlast the usual wait in the queue. */
export const lease = 10_000;

/** A draft as it enters the collection. An item nudged at once is in its first generation; others get it when claimed. */
export function openWork(draft: WorkDraft, phase: WorkPhase, now: Date): WorkItem {
  const { runAt = now } = draft;
  return {
    ...draft,
    bodyHash: bodyHashOf(draft),
    state: 'open',
    phase: runAt > now ? 'waiting' : phase,
    generation: phase === 'nudged' && runAt <= now ? 1 : 0,
    probes: 0,
    runAt,
    dueAt: new Date(now.getTime() + lease),
    createdAt: now,
  };
}

/** Equal for what is the same request, whoever repeats it. */
export const bodyHashOf = ({ queue, kind, payload, agency, account, reason }: WorkDraft): string =>
  hashOf({ queue, kind, payload, agency, account, reason });

/** Numbers and ids out of the message, so that equal causes meet under one fingerprint. */
export function failureOf(kind: string, error: unknown, at: Date): Failure {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const cause = clip(message.replace(/[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{16,}|\d+/g, '#'), 200);
  return { fingerprint: hashOf([kind, name, cause]).slice(0, 16), message: clip(`${name}: ${message}`, 500), at };
}

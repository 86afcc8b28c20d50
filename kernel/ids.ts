/**
 * Ids and hashes. A natural id says what a thing is, so that making it twice makes it once; ids that come from outside
 * are hashed before they become part of one.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { ulid } from 'ulid';

/** A new id: 26 characters, sorted by time. */
export const newId = (): string => ulid();

/** SHA-256 in hex. */
export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** SHA-256 in hex of the value's canonical JSON (RFC 8785), equal however its keys are ordered. */
export const hashOf = (value: unknown): string => sha256(canonicalize(value) ?? 'null');

/** An id made of parts from outside: 40 hex characters that tell nothing of them. */
export const hashedId = (...parts: string[]): string => hashOf(parts).slice(0, 40);

/** The id of a request: its caller's own word for it, so that saying it twice is one request; or a new one. */
export const workIdOf = (caller: string, word: string | undefined): string =>
  word === undefined ? newId() : hashedId(caller, word);

/** The id of an order that a work item makes: a second delivery of the item cannot make a second order. */
export const orderIdOf = (work: string): string => `ord_${hashOf(['order', work]).slice(0, 24)}`;

/** The id of the n-th effect of a version: the same however often the version's outbox is drained. */
export const effectId = (aggregate: string, version: number, index: number): string =>
  `${aggregate}-${version}-${index}`;

const kindPattern = /^[a-z]+(-[a-z]+)*$/;
const nudgePattern = /^[A-Za-z0-9_.-]{1,120}$/;

/** The BullMQ id of one nudge. Text from outside never gets here: such ids are hashed when the work item is made. */
export function jobId(kind: string, workId: string, generation: number): string {
  const nudge = `${workId}-${generation}`;
  if (kindPattern.test(kind) && nudgePattern.test(nudge)) return `${kind}-${nudge}`;
  throw new Error(`"${kind}-${nudge}" cannot be a job id; it does not match ${kindPattern} and ${nudgePattern}.`);
}

/**
 * The work id and generation in a job id, or undefined when it is not one of ours. Both a kind and a work id may hold
 * hyphens, so that only who knows the kinds can tell them apart; without them, a kind is taken for one word.
 */
export function parseJobId(
  id: string,
  kinds: readonly string[] = [],
): { workId: string; generation: number } | undefined {
  const known = kinds.filter((kind) => id.startsWith(`${kind}-`)).sort((a, b) => b.length - a.length)[0];
  const kind = known ?? /^[a-z]+/.exec(id)?.[0];
  if (kind === undefined) return undefined;
  const match = /^-(.+)-(\d+)$/.exec(id.slice(kind.length));
  return match?.[1] ? { workId: match[1], generation: Number(match[2]) } : undefined;
}

/** The generation that a job nudges. */
export function generationIn(jobId: string): number | undefined {
  const [, generation] = /-(\d+)$/.exec(jobId) ?? [];
  return generation === undefined ? undefined : Number(generation);
}

/**
 * One line of history: what was asked, by whom, why, how, and what came of it. Lines are chained: each hash covers the
 * hash before it, so that an edit, a deletion or a reordering shows. Personal data stays out: references and hashes only.
 */
import type { Actor, Cause } from './actor.ts';
import { hashOf } from './ids.ts';

export interface HistoryEntry {
  at: Date;
  work: string;
  actor: Actor;
  cause: Cause;
  action: string;
  outcome: 'done' | 'refused' | 'superseded';
  code?: string;
  message?: string;
  reason?: string;
  events: Record<string, unknown>[];
}

export interface HistoryLine extends HistoryEntry {
  seq: number;
  prev: string;
  hash: string;
}

/** The hash before the first line of every stream. */
export const genesis = '0'.repeat(64);

/** `entry` as line `seq` after the line whose hash is `prev`. */
export function chain(entry: HistoryEntry, seq: number, prev: string): HistoryLine {
  const body = { ...entry, seq, prev };
  return { ...body, hash: hashOf(body) };
}

/** True when the line's hash covers what it says. */
export function isIntact({ hash, ...body }: HistoryLine): boolean {
  return hashOf(body) === hash;
}

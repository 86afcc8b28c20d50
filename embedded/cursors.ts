/**
 * Open cursors: generators that are read as the client asks, so a client that never reads its cursor costs what it
 * has read so far and no more. One that is left alone for ten minutes is closed, as is the oldest of too many.
 */
import { Long } from 'bson';
import { timeLeft, within } from './deadline.ts';
import { CommandError } from './errors.ts';
import type { Batch } from './wire.ts';

interface Cursor {
  ns: string;
  documents: Iterator<Buffer>;
  /** Read already, but did not fit in the batch before. */
  held?: Buffer | undefined;
  usedAt: number;
  /** Of its command's time, in ms: reading on may take no more than that. */
  timeLeft: number;
}

export interface Cursors {
  open: Map<number, Cursor>;
}

const MAX_BATCH_BYTES = 16 * 1024 * 1024;
/** A batch may be smaller than was asked for, if not very small: whoever comes meanwhile does not wait for all of it. */
const BATCH_MS = 5;
const SMALL_BATCH = 16;
const MAX_OPEN = 1000;
const IDLE_MS = 10 * 60 * 1000;

export function openCursor(
  cursors: Cursors,
  {
    ns,
    documents,
    batchSize = 101,
    single = false,
  }: { ns: string; documents: Iterator<Buffer>; batchSize?: number | undefined; single?: boolean },
): Batch {
  const cursor: Cursor = { ns, documents, usedAt: performance.now(), timeLeft: timeLeft() };
  const batch = take(cursor, batchSize, single ? Number.POSITIVE_INFINITY : BATCH_MS);
  cursor.timeLeft = timeLeft();
  if (single || !cursor.held) return { batch, field: 'firstBatch', id: 0, ns };
  const id = newId(cursors);
  if (cursors.open.size >= MAX_OPEN) closeIdlest(cursors);
  cursors.open.set(id, cursor);
  return { batch, field: 'firstBatch', id, ns };
}

export function readCursor(
  cursors: Cursors,
  { id, ns, batchSize }: { id: number; ns: string; batchSize?: number | undefined },
): Batch {
  const cursor = cursors.open.get(id);
  if (!cursor) throw new CommandError(43, `cursor id ${id} not found`);
  if (cursor.ns !== ns)
    throw new CommandError(13, `Requested getMore on namespace '${ns}', but cursor belongs to '${cursor.ns}'`);
  cursors.open.delete(id);
  const deadline = performance.now() + cursor.timeLeft;
  const batch = within(deadline, () => take(cursor, batchSize || Number.POSITIVE_INFINITY, BATCH_MS));
  cursor.timeLeft = deadline - performance.now();
  if (!cursor.held) return { batch, field: 'nextBatch', id: 0, ns };
  cursor.usedAt = performance.now();
  cursors.open.set(id, cursor);
  return { batch, field: 'nextBatch', id, ns };
}

export function killCursors(cursors: Cursors, ids: unknown[]): Record<string, unknown> {
  const killed = ids.map(Number).filter((id) => cursors.open.delete(id));
  const notFound = ids.map(Number).filter((id) => !killed.includes(id));
  const longs = (list: number[]) => list.map((id) => Long.fromNumber(id));
  return {
    cursorsKilled: longs(killed),
    cursorsNotFound: longs(notFound),
    cursorsAlive: [],
    cursorsUnknown: [],
    ok: 1,
  };
}

export function closeIdle(cursors: Cursors, idleMs = IDLE_MS): void {
  for (const [id, { usedAt }] of cursors.open) if (performance.now() - usedAt > idleMs) cursors.open.delete(id);
}

function take(cursor: Cursor, count: number, ms: number): Buffer[] {
  const until = performance.now() + ms;
  const batch: Buffer[] = [];
  let bytes = 0;
  while (true) {
    const document = cursor.held ?? (cursor.documents.next().value as Buffer | undefined);
    cursor.held = undefined;
    if (!document) return batch;
    bytes += document.length + 16;
    const isLate = batch.length >= SMALL_BATCH && performance.now() > until;
    if (batch.length >= count || isLate || (batch.length > 0 && bytes > MAX_BATCH_BYTES)) {
      cursor.held = document;
      return batch;
    }
    batch.push(document);
  }
}

function newId(cursors: Cursors): number {
  const id = 1 + Math.floor(Math.random() * (Number.MAX_SAFE_INTEGER - 1));
  return cursors.open.has(id) ? newId(cursors) : id;
}

/** A map keeps its order, and every use puts a cursor last. */
function closeIdlest(cursors: Cursors): void {
  const [oldest] = cursors.open.keys();
  if (oldest !== undefined) cursors.open.delete(oldest);
}

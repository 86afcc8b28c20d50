/**
 * What LMDB must never meet: a file that is not whole ends the process by a signal at some later read, and so may
 * anything done after a commit that failed. So a file is looked at before it is opened, room is asked for before a
 * commit, and after a failed commit the process leaves; the file then holds the commit before.
 */
import { closeSync, fstatSync, openSync, readSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './errors.ts';

const PAGE = 4096;
/** Kept free beyond what a commit is known to need: for its tree of free pages, and for whoever else writes here. */
const RESERVE = 4 * 1024 * 1024;
const MAGIC = 0xbeefc0de;
const META = { magic: 24, pageSize: 48, lastPage: 144, transaction: 152, bytes: 160 };

/** A commit failed: this process may not touch the data again. */
export class CommitFailed extends Error {}

export interface Growth {
  /** Keys and values to be written. */
  bytes: number;
  /** Entries put or taken away. */
  entries: number;
}

/** Refuses with 14031 when the disk could not hold so much more. */
export function refuseFullDisk(dir: string, { bytes, entries }: Growth = { bytes: 0, entries: 0 }): void {
  const { bavail, bsize } = statfsSync(dir);
  // No page is changed in place: an entry may copy a leaf and a branch, but no more than there are.
  const copied = entries > 0 ? Math.min(entries * 2 * PAGE, fileSize(dir)) : 0;
  const needed = RESERVE + copied + bytes * 2;
  if (bavail * bsize >= needed) return;
  const megabytes = (size: number) => (size / 1024 / 1024).toFixed(1);
  throw new CommandError(
    14031,
    `The disk is full, nothing of this was kept: ${megabytes(bavail * bsize)} MB are free, ${megabytes(needed)} MB are needed.`,
  );
}

function fileSize(dir: string): number {
  return withFile(dir, (file) => fstatSync(file).size) ?? 0;
}

/** Throws unless there is no file yet, or one that has all the pages its newest commit speaks of. */
export function refuseDamagedFile(dir: string): void {
  const damage = withFile(dir, damageOf);
  if (damage) throw new Error(`The data file in ${dir} is damaged: ${damage}.`);
}

function damageOf(file: number): string | undefined {
  const { size } = fstatSync(file);
  if (size === 0) return 'it is empty. If it never held anything, delete it';
  const first = metaOf(file, 0);
  if (!first) return 'it does not begin as a data file does';
  const second = metaOf(file, first.pageSize);
  if (!second) return `it is cut short, to ${size} bytes`;
  const newest = second.transaction > first.transaction ? second : first;
  const needed = (newest.lastPage + 1) * newest.pageSize;
  return size < needed ? `it has ${size} of ${needed} bytes` : undefined;
}

function metaOf(file: number, at: number) {
  const bytes = Buffer.alloc(META.bytes);
  if (readSync(file, bytes, 0, META.bytes, at) < META.bytes || bytes.readUInt32LE(META.magic) !== MAGIC)
    return undefined;
  return {
    pageSize: bytes.readUInt32LE(META.pageSize) || PAGE,
    lastPage: Number(bytes.readBigUInt64LE(META.lastPage)),
    transaction: bytes.readBigUInt64LE(META.transaction),
  };
}

function withFile<T>(dir: string, look: (file: number) => T): T | undefined {
  let file: number;
  try {
    file = openSync(join(dir, 'data.mdb'), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return look(file);
  } finally {
    closeSync(file);
  }
}

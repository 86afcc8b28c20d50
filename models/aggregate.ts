/**
 * What every document that emits effects carries beside its own state: version, the ids already applied, the chained
 * history and the outbox. One conditional write changes all of it or nothing; that write is `commit`, here, once.
 */
import type { Collection } from 'mongoose';
import { LostRace, NotYet } from '../kernel/errors.ts';
import { chain, genesis, type HistoryEntry, type HistoryLine } from '../kernel/history.ts';
import { effectId } from '../kernel/ids.ts';
import { seconds } from '../kernel/time.ts';
import type { EffectDraft, WorkDraft } from '../kernel/work.ts';

export interface Envelope {
  _id: string;
  version: number;
  applied: string[];
  history: HistoryLine[];
  /** Hash of the newest line, and the newest line that is in the audit. */
  head: string;
  exported: number;
  outbox: WorkDraft[];
  outboxDueAt?: Date;
}

/** What one work item does to an aggregate. `set` is absent for a refusal: its line and the version are all it leaves. */
export interface Change {
  entry: HistoryEntry;
  effects: EffectDraft[];
  set?: Record<string, unknown>;
  /** When the dispatcher may take the drain over from whoever committed. */
  dueAt: Date;
}

const appliedKept = 100;
const unexportedLimit = 400;

/** The first version of a document, as it is inserted. Its `_id` derives from the work id, so it cannot be made twice. */
export function firstVersion(
  id: string,
  { entry, effects, dueAt, set = {} }: Change,
): Envelope & Record<string, unknown> {
  const line = chain(entry, 1, genesis);
  return {
    ...set,
    _id: id,
    version: 1,
    applied: [entry.work],
    history: [line],
    head: line.hash,
    exported: 0,
    outbox: withIds(id, 1, effects),
    outboxDueAt: dueAt,
  };
}

/**
 * The one conditional write: state, version, applied ids, history line and outbox in one update that only matches the
 * version that was read and a work id not yet applied. Throws LostRace when it matches nothing.
 */
export async function commit<D extends Envelope>(
  documents: Collection,
  read: D,
  { entry, effects, dueAt, set = {} }: Change,
): Promise<D> {
  if (read.version - read.exported >= unexportedLimit) {
    throw new NotYet(`${read._id} has ${unexportedLimit} lines of history that are not in the audit yet.`, seconds(5));
  }
  const version = read.version + 1;
  const line = chain(entry, version, read.head);
  const written = await documents.findOneAndUpdate(
    { _id: read._id, version: read.version, applied: { $ne: entry.work } } as object,
    {
      $set: { ...set, head: line.hash },
      $inc: { version: 1 },
      $push: {
        applied: { $each: [entry.work], $slice: -appliedKept },
        history: line,
        outbox: { $each: withIds(read._id, version, effects) },
      },
      $min: { outboxDueAt: dueAt },
    } as object,
    { returnDocument: 'after', ignoreUndefined: true },
  );
  if (!written) throw new LostRace(`${read._id} is no longer at version ${read.version}.`);
  return written as unknown as D;
}

function withIds(aggregate: string, version: number, effects: EffectDraft[]): WorkDraft[] {
  return effects.map((effect, index) => ({ _id: effectId(aggregate, version, index), ...effect }));
}

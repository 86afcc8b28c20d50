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
import type { BulkWrite } from './collection.ts';

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
  /**
   * The lines before are in the audit, and whoever commits answers for this one's being there before their own work item
   * is settled: nothing is left for a drain, and the dispatcher is not called. Only without effects.
   */
  quiet?: boolean;
  /** What else the document must be for the change to be written, beside its version. */
  provided?: Record<string, unknown>;
}

/** So many work ids stay in `applied`: up to this version a document knows every one of its own. */
export const appliedKept = 100;
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

/** A commit asked for: the document as it was read, and what a work item does to it. */
export interface Commit<D extends Envelope> {
  read: D;
  change: Change;
}

/**
 * The one conditional write, for one or many: state, version, applied ids, history line and outbox in one update that
 * only matches the version that was read and a work id not yet applied. Answers with the document as written, or with
 * LostRace where it matched nothing.
 */
export async function commitAll<D extends Envelope>(
  documents: Collection<Envelope>,
  commits: readonly Commit<D>[],
): Promise<(D | Error)[]> {
  const prepared = commits.map((one) => (isFull(one.read) ? { next: full(one.read) } : prepare(one)));
  const written = prepared.map(({ next }): D | Error => next);
  const writes = prepared.flatMap((one) => ('write' in one ? [one.write] : []));
  if (writes.length === 0) return written;
  const { matchedCount } = await documents.bulkWrite(writes, { ordered: false });
  if (matchedCount === writes.length) return written;
  return winners(documents, commits, written);
}

function isFull({ version, exported }: Envelope): boolean {
  return version - exported >= unexportedLimit;
}

function full({ _id }: Envelope): NotYet {
  return new NotYet(`${_id} has ${unexportedLimit} lines of history that are not in the audit yet.`, seconds(5));
}

/** The write, and the document as it will leave it. */
function prepare<D extends Envelope>({ read, change }: Commit<D>): { next: D; write: BulkWrite<Envelope> } {
  const { entry, effects, dueAt, set, provided, quiet = false } = change;
  const version = read.version + 1;
  const line = chain(entry, version, read.head);
  const drafts = withIds(read._id, version, effects);
  const next: D = {
    ...read,
    ...set,
    version,
    applied: [...read.applied, entry.work].slice(-appliedKept),
    history: [...read.history, line],
    head: line.hash,
    outbox: [...read.outbox, ...drafts],
    ...(quiet ? { exported: read.version } : { outboxDueAt: read.outboxDueAt ?? dueAt }),
  };
  const filter = { _id: read._id, version: read.version, applied: { $ne: entry.work }, ...provided };
  const update = {
    $set: { ...set, head: line.hash, exported: quiet ? read.version : undefined },
    $inc: { version: 1 },
    $push: {
      applied: { $each: [entry.work], $slice: -appliedKept },
      history: line,
      outbox: { $each: drafts },
    },
    $min: { outboxDueAt: quiet ? undefined : dueAt },
  };
  return { next, write: { updateOne: { filter, update } } };
}

/** A bulk write does not say which updates matched; the documents do: no other line of a document has the hash. */
async function winners<D extends Envelope>(
  documents: Collection<Envelope>,
  commits: readonly Commit<D>[],
  written: (D | Error)[],
): Promise<(D | Error)[]> {
  const ids = commits.map(({ read }) => read._id);
  const found = await documents.find({ _id: { $in: ids } }, { projection: { 'history.hash': 1 } }).toArray();
  const lines = new Set(found.flatMap(({ _id, history }) => history.map(({ hash }) => `${_id} ${hash}`)));
  return written.map((one) => {
    if (one instanceof Error || lines.has(`${one._id} ${one.head}`)) return one;
    return new LostRace(`${one._id} was no longer at version ${one.version - 1}.`);
  });
}

function withIds(aggregate: string, version: number, effects: EffectDraft[]): WorkDraft[] {
  return effects.map((effect, index) => ({ _id: effectId(aggregate, version, index), ...effect }));
}

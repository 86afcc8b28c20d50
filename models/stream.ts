/**
 * Reads and the second half of a commit, the same for every aggregate: looking up what a work item already did, putting
 * finished lines into the audit, and emptying the outbox. None of it bumps the version.
 */
import type { Collection, Connection, Schema } from 'mongoose';
import { LostRace } from '../kernel/errors.ts';
import type { HistoryLine } from '../kernel/history.ts';
import { joined, oneOrMany } from '../kernel/joined.ts';
import {
  appliedKept,
  type Change,
  type Commit,
  commitAll as commitMany,
  type Envelope,
  firstVersion,
} from './aggregate.ts';
import type { AuditLine, AuditStore } from './audit.ts';
import { byIds } from './by-ids.ts';
import { type BulkWrite, collectionSchema, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

const historyKept = 50;

/** How many lines of history a lean read has. */
export const leanLines = 2;

/** Options of every aggregate's schema; the indexes are declared beside it. */
export function aggregateSchema(collection: string): Schema {
  const schema = collectionSchema(collection);
  schema.index({ outboxDueAt: 1 }, { partialFilterExpression: { outboxDueAt: { $exists: true } } });
  return schema;
}

export type Stream<D extends Envelope> = ReturnType<typeof stream<D>>;

interface StreamParts {
  connection: Connection;
  audit: AuditStore;
}

/** The aggregates of one collection. `name` begins their audit streams: `<name>.<id>`. */
export function stream<D extends Envelope>({ connection, audit }: StreamParts, name: string, schema: Schema) {
  const { model, documents } = openCollection<Envelope>(connection, name, schema);
  const streamOf = (id: string) => `${name}.${id}`;

  return {
    name,
    streamOf,
    model,
    documents: connection.collection<D>(documents.name),
    ...writing<D>(documents),
    ...outboxes<D>(documents),
    ...lines<D>(audit, streamOf),

    get: joined((ids: string[]) => byIds<D>(documents, ids)),

    /** Many documents at once, with no more of their history than what is usually not in the audit yet. */
    lean: (ids: readonly string[]): Promise<D[]> =>
      documents
        .find<D>({ _id: { $in: ids } }, { projection: { history: { $slice: -leanLines }, search: 0 } })
        .toArray(),
  };
}

function writing<D extends Envelope>(documents: Collection<Envelope>) {
  const commitAll = oneOrMany((commits: readonly Commit<D>[]) => commitMany(documents, commits));

  return {
    /** Inserts the first version; when it is there already, what is there. */
    async create(id: string, change: Change): Promise<D> {
      const first: Envelope = firstVersion(id, change);
      const { duplicates } = await ignoringDuplicates(documents.insertOne(first));
      if (duplicates === 0) return first as D;
      const there = await documents.findOne<D>({ _id: id });
      if (!there) throw new LostRace(`${id} was there, and expired.`);
      return there;
    },

    /** Each is answered as by `commit`, but not thrown. */
    commitAll,

    /** Throws LostRace when the document has another version by now, NotYet when its history must be exported first. */
    async commit(read: D, change: Change): Promise<D> {
      const [written] = await commitAll([{ read, change }]);
      if (!written || written instanceof Error) throw written;
      return written;
    },
  };
}

/** What a work item left in the history, and its way into the audit. */
function lines<D extends Envelope>(audit: AuditStore, streamOf: (id: string) => string) {
  return {
    /** The line that a work item left, or undefined when it has not been applied. Ask only after reading the document. */
    async lineOf(read: D, work: string): Promise<HistoryLine | undefined> {
      const line = read.history.find((candidate) => candidate.work === work);
      if (line) return line;
      if (read.version <= appliedKept && !read.applied.includes(work)) return undefined;
      return (await audit.byWork(streamOf(read._id), work)) ?? undefined;
    },

    /** Puts lines that are not there yet into the audit; resolves to those that are there with another hash. */
    exportAll(reads: readonly D[]): Promise<AuditLine[]> {
      const left = reads.map(({ _id, history, exported }) => ({
        stream: streamOf(_id),
        lines: history.filter(({ seq }) => seq > exported),
      }));
      const [first, ...others] = left;
      if (first && others.length === 0) return audit.add(first.stream, first.lines);
      return audit.addAll(left.flatMap(({ stream, lines }) => lines.map((line) => ({ stream, line }))));
    },
  };
}

function outboxes<D extends Envelope>(documents: Collection<Envelope>) {
  const finishAll = oneOrMany(async (drained: readonly Drained<D>[]) => {
    const { matchedCount } = await documents.bulkWrite(drained.map(emptied), { ordered: false });
    if (matchedCount < drained.length) await documents.bulkWrite(drained.map(pulled), { ordered: false });
    return drained.map(() => undefined);
  });

  return {
    /**
     * The effects of the versions that were read are work items now and, where `exported`, their lines are in the audit.
     * Only commits add to the outbox and each bumps the version, so at this version nothing else can be in it.
     */
    finishAll: async (drained: readonly Drained<D>[]): Promise<void> => void (await finishAll(drained)),

    /** Ids of aggregates whose outbox or history somebody left lying. */
    async due(now: Date, limit: number): Promise<string[]> {
      const found = documents.find({ outboxDueAt: { $lte: now } }, { projection: { _id: 1 } });
      return (await found.sort({ outboxDueAt: 1 }).limit(limit).toArray()).map(({ _id }) => _id);
    },

    /** Puts the next drain off, so that one that cannot succeed does not hold up the others. */
    async postpone(id: string, until: Date): Promise<void> {
      await documents.updateOne({ _id: id, outboxDueAt: { $exists: true } }, { $set: { outboxDueAt: until } });
    },
  };
}

interface Drained<D extends Envelope> {
  read: D;
  exported: boolean;
}

const trimmed = (version: number) => ({ history: { seq: { $lte: version - historyKept } } });

/** At the version that was read: everything in it is done. */
function emptied<D extends Envelope>({ read: { _id, version }, exported }: Drained<D>): BulkWrite<Envelope> {
  const update = {
    $set: { outbox: [], exported: exported ? version : undefined },
    $unset: { outboxDueAt: 1 as const },
    ...(exported && { $pull: trimmed(version) }),
  };
  return { updateOne: { filter: { _id, version }, update } };
}

/** At a later version: exactly what was read is done; the later commit keeps its own due time. */
function pulled<D extends Envelope>({ read: { _id, version, outbox }, exported }: Drained<D>): BulkWrite<Envelope> {
  const done = { outbox: { _id: { $in: outbox.map((entry) => entry._id) } } };
  const update = exported ? { $pull: { ...done, ...trimmed(version) }, $max: { exported: version } } : { $pull: done };
  return { updateOne: { filter: { _id }, update } };
}

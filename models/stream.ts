/**
 * Reads and the second half of a commit, the same for every aggregate: looking up what a work item already did, putting
 * finished lines into the audit, and emptying the outbox. None of it bumps the version.
 */
import { type Connection, Schema } from 'mongoose';
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
import { ignoringDuplicates } from './duplicates.ts';

const historyKept = 50;

/** How many lines of history a lean read has. */
export const leanLines = 2;

/** Options of every aggregate's schema; the indexes are declared beside it. */
export function aggregateSchema(collection: string): Schema {
  const schema = new Schema(
    {},
    { collection, strict: false, strictQuery: false, versionKey: false, autoIndex: false, minimize: false, id: false },
  );
  schema.add({ _id: String });
  schema.index({ outboxDueAt: 1 }, { partialFilterExpression: { outboxDueAt: { $exists: true } } });
  return schema;
}

export type Stream<D extends Envelope> = ReturnType<typeof stream<D>>;

/** The aggregates of one collection. `name` begins their audit streams: `<name>.<id>`. */
export function stream<D extends Envelope>(
  { connection, audit }: { connection: Connection; audit: AuditStore },
  name: string,
  schema: Schema,
) {
  const model = connection.model(name, schema);
  const documents = model.collection;
  const streamOf = (id: string) => `${name}.${id}`;
  const commitAll = oneOrMany((commits: readonly Commit<D>[]) => commitMany(documents, commits));
  const finishAll = oneOrMany(async (drained: readonly Drained<D>[]) => {
    const { matchedCount } = await documents.bulkWrite(drained.map(emptied) as never, { ordered: false });
    if (matchedCount < drained.length) await documents.bulkWrite(drained.map(pulled) as never, { ordered: false });
    return drained.map(() => undefined);
  });

  return {
    name,
    streamOf,
    model,
    documents: connection.collection<D>(documents.name),

    get: joined((ids: string[]) => byIds<D>(documents, ids)),

    /** Inserts the first version; when it is there already, what is there. */
    async create(id: string, change: Change): Promise<D> {
      const first = firstVersion(id, change);
      const { duplicates } = await ignoringDuplicates(documents.insertOne(first as never, { ignoreUndefined: true }));
      if (duplicates === 0) return first as unknown as D;
      return (await documents.findOne({ _id: id as never })) as unknown as D;
    },

    /** Each is answered as by `commit`, but not thrown. */
    commitAll,

    /** Throws LostRace when the document has another version by now, NotYet when its history must be exported first. */
    async commit(read: D, change: Change): Promise<D> {
      const [written] = await commitAll([{ read, change }]);
      if (!written || written instanceof Error) throw written;
      return written;
    },

    /** Many documents at once, with no more of their history than what is usually not in the audit yet. */
    async lean(ids: readonly string[]): Promise<D[]> {
      const found = documents
        .find({ _id: { $in: ids } } as never)
        .project({ history: { $slice: -leanLines }, search: 0 });
      return (await found.toArray()) as unknown as D[];
    },

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

    /**
     * The effects of the versions that were read are work items now and, where `exported`, their lines are in the audit.
     * Only commits add to the outbox and each bumps the version, so at this version nothing else can be in it.
     */
    finishAll: async (drained: readonly Drained<D>[]): Promise<void> => void (await finishAll(drained)),

    /** Ids of aggregates whose outbox or history somebody left lying. */
    async due(now: Date, limit: number): Promise<string[]> {
      const found = documents.find({ outboxDueAt: { $lte: now } } as never).sort({ outboxDueAt: 1 });
      return (await found.limit(limit).project({ _id: 1 }).toArray()).map(({ _id }) => String(_id));
    },

    /** Puts the next drain off, so that one that cannot succeed does not hold up the others. */
    async postpone(id: string, until: Date): Promise<void> {
      await documents.updateOne({ _id: id as never, outboxDueAt: { $exists: true } }, { $set: { outboxDueAt: until } });
    },
  };
}

interface Drained<D extends Envelope> {
  read: D;
  exported: boolean;
}

function trimmed(version: number): object {
  return { history: { seq: { $lte: version - historyKept } } };
}

/** At the version that was read: everything in it is done. */
function emptied<D extends Envelope>({ read: { _id, version }, exported }: Drained<D>): object {
  const update = {
    $set: { outbox: [], ...(exported && { exported: version }) },
    $unset: { outboxDueAt: 1 },
    ...(exported && { $pull: trimmed(version) }),
  };
  return { updateOne: { filter: { _id, version }, update } };
}

/** At a later version: exactly what was read is done; the later commit keeps its own due time. */
function pulled<D extends Envelope>({ read: { _id, version, outbox }, exported }: Drained<D>): object {
  const done = { outbox: { _id: { $in: outbox.map((entry) => entry._id) } } };
  const update = exported ? { $pull: { ...done, ...trimmed(version) }, $max: { exported: version } } : { $pull: done };
  return { updateOne: { filter: { _id }, update } };
}

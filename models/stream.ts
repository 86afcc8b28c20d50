/**
 * Reads and the second half of a commit, the same for every aggregate: looking up what a work item already did, putting
 * finished lines into the audit, and emptying the outbox. None of it bumps the version.
 */
import { type Connection, Schema } from 'mongoose';
import type { HistoryLine } from '../kernel/history.ts';
import { joined } from '../kernel/joined.ts';
import { type Change, type Commit, commitAll, type Envelope, firstVersion } from './aggregate.ts';
import type { AuditLine, AuditStore } from './audit.ts';
import { byIds } from './by-ids.ts';
import { ignoringDuplicates } from './duplicates.ts';

/** Below this version every work id is still in `applied`. */
const appliedComplete = 100;
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
  async function finishAll(drained: Drained<D>[]): Promise<void> {
    if (drained.length === 0) return;
    const { matchedCount } = await documents.bulkWrite(drained.map(emptied) as never, { ordered: false });
    if (matchedCount < drained.length) await documents.bulkWrite(drained.map(pulled) as never, { ordered: false });
  }
  const finishing = joined(async (drained: Drained<D>[]) => {
    await finishAll(drained);
    return drained.map(() => undefined);
  });
  const committing = joined((commits: Commit<D>[]) => commitAll(documents, commits));

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

    /** Throws LostRace when the document has another version by now, NotYet when its history must be exported first. */
    async commit(read: D, change: Change): Promise<D> {
      const written = await committing({ read, change });
      if (written instanceof Error) throw written;
      return written;
    },

    /** Many documents at once, with no more of their history than what is usually not in the audit yet. */
    async lean(ids: readonly string[]): Promise<D[]> {
      const found = documents
        .find({ _id: { $in: ids } } as never)
        .project({ history: { $slice: -leanLines }, search: 0 });
      return (await found.toArray()) as unknown as D[];
    },

    /** Many commits in one write, for whoever has them together; each is answered as by `commit`, but not thrown. */
    commitAll: (commits: Commit<D>[]): Promise<(D | Error)[]> => commitAll(documents, commits),

    /** The line that a work item left, or undefined when it has not been applied. Ask only after reading the document. */
    async lineOf(read: D, work: string): Promise<HistoryLine | undefined> {
      const line = read.history.find((candidate) => candidate.work === work);
      if (line) return line;
      if (read.version <= appliedComplete && !read.applied.includes(work)) return undefined;
      return (await audit.byWork(streamOf(read._id), work)) ?? undefined;
    },

    /** Puts lines that are not there yet into the audit; resolves to those that are there with another hash. */
    exportHistory(read: D): Promise<AuditLine[]> {
      const lines = read.history.filter(({ seq }) => seq > read.exported);
      return audit.add(streamOf(read._id), lines);
    },

    /** The same for many; resolves to all lines that are there with another hash. */
    exportAll: (reads: readonly D[]): Promise<AuditLine[]> =>
      audit.addAll(
        reads.flatMap(({ _id, history, exported }) =>
          history.filter(({ seq }) => seq > exported).map((line) => ({ stream: streamOf(_id), line })),
        ),
      ),

    finishAll,

    /**
     * The effects of the version that was read are work items now and, if `exported`, its lines are in the audit. Only
     * commits add to the outbox and each bumps the version, so at this version nothing else can be in it.
     */
    finish: (read: D, { exported }: { exported: boolean }): Promise<void> => finishing({ read, exported }),

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

/**
 * Reads and the second half of a commit, the same for every aggregate: looking up what a work item already did, putting
 * finished lines into the audit, and emptying the outbox. None of it bumps the version.
 */
import { type Connection, Schema } from 'mongoose';
import type { HistoryLine } from '../kernel/history.ts';
import { type Change, commit, type Envelope, firstVersion } from './aggregate.ts';
import type { AuditLine, AuditStore } from './audit.ts';
import { ignoringDuplicates } from './duplicates.ts';

/** Below this version every work id is still in `applied`. */
const appliedComplete = 100;
const historyKept = 50;

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

  return {
    name,
    streamOf,
    model,

    get: (id: string) => documents.findOne({ _id: id as never }) as unknown as Promise<D | null>,

    /** Inserts the first version; when it is there already, what is there. */
    async create(id: string, change: Change): Promise<D> {
      const first = firstVersion(id, change);
      const { duplicates } = await ignoringDuplicates(documents.insertOne(first as never, { ignoreUndefined: true }));
      if (duplicates === 0) return first as unknown as D;
      return (await documents.findOne({ _id: id as never })) as unknown as D;
    },

    commit: (read: D, change: Change): Promise<D> => commit(documents, read, change),

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

    /**
     * The effects of the version that was read are work items now and, if `exported`, its lines are in the audit. Only
     * commits add to the outbox and each bumps the version, so at this version nothing else can be in it.
     */
    async finish({ _id, version, outbox }: D, { exported }: { exported: boolean }): Promise<void> {
      const trimmed = exported ? { $pull: { history: { seq: { $lte: version - historyKept } } } } : {};
      const { matchedCount } = await documents.updateOne({ _id: _id as never, version }, {
        $set: { outbox: [], ...(exported && { exported: version }) },
        $unset: { outboxDueAt: 1 },
        ...trimmed,
      } as never);
      if (matchedCount === 1) return;
      const ids = outbox.map((entry) => entry._id);
      await documents.updateOne({ _id: _id as never }, {
        $pull: { outbox: { _id: { $in: ids } }, ...trimmed.$pull },
        ...(exported && { $max: { exported: version } }),
      } as never);
    },

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

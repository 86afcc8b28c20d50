/**
 * The audit: every line of every stream's history, exported from the documents under `<stream>:<seq>` and never changed.
 */
import type { Connection, mongo } from 'mongoose';
import type { HistoryLine } from '../kernel/history.ts';
import { joined } from '../kernel/joined.ts';
import { collectionSchema, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

export interface AuditLine extends HistoryLine {
  _id: string;
  stream: string;
}

const schema = collectionSchema('audit');
schema.index({ stream: 1, seq: 1 }, { unique: true });
schema.index({ stream: 1, work: 1 });

export type AuditStore = ReturnType<typeof auditStore>;

export function auditStore(connection: Connection) {
  const { model, documents: lines } = openCollection<AuditLine>(connection, 'Audit', schema);

  /** Inserts what is not there; resolves to what is there with another hash. */
  async function insert(documents: AuditLine[]): Promise<AuditLine[]> {
    const { duplicates } = await ignoringDuplicates(lines.insertMany(documents, { ordered: false }));
    if (duplicates === 0) return [];
    const kept = await lines.find({ _id: { $in: documents.map(({ _id }) => _id) } }).toArray();
    const hashes = new Map(documents.map(({ _id, hash }) => [_id, hash]));
    return kept.filter(({ _id, hash }) => hashes.get(_id) !== hash);
  }

  const adding = joined(async (many: AuditLine[][]) => {
    const forked = await insert(many.flat());
    return many.map((own) => forked.filter(({ _id }) => own.some((line) => line._id === _id)));
  });

  return {
    /**
     * Adds lines, passing over those that are there. Resolves to the lines that are there with another hash: somebody
     * tampered, or a stream forked.
     */
    add: (stream: string, added: readonly HistoryLine[]): Promise<AuditLine[]> =>
      added.length === 0 ? Promise.resolve([]) : adding(added.map((line) => filed(stream, line))),

    /** Lines of many streams at once, answered as by `add`. */
    addAll: (added: { stream: string; line: HistoryLine }[]): Promise<AuditLine[]> =>
      added.length === 0 ? Promise.resolve([]) : insert(added.map(({ stream, line }) => filed(stream, line))),

    /** The line that a work item left in a stream, however long ago. */
    byWork: (stream: string, work: string) => lines.findOne({ stream, work }),

    /** The lines of a stream from `from` on, oldest first. */
    read: (stream: string, from: number, limit: number) =>
      lines
        .find({ stream, seq: { $gte: from } })
        .sort({ seq: 1 })
        .limit(limit)
        .toArray(),

    /** Every line of every stream, in the order of the chain index: a million of them never rest in memory. */
    scan: () => ahead(lines.find<AuditLine>({}).sort({ stream: 1, seq: 1 }).batchSize(2_000)),

    model,
  };
}

const filed = (stream: string, line: HistoryLine): AuditLine => ({ ...line, _id: `${stream}:${line.seq}`, stream });

type FindCursor<T> = Pick<mongo.FindCursor<T>, 'hasNext' | 'readBufferedDocuments' | 'close'>;

/** The next batch is on its way while the last one is looked at. */
async function* ahead<T>(cursor: FindCursor<T>): AsyncGenerator<T> {
  const batch = async () => ((await cursor.hasNext()) ? cursor.readBufferedDocuments() : []);
  try {
    for (let next = batch(); ; ) {
      const documents = await next;
      if (documents.length === 0) return;
      next = batch();
      next.catch(() => undefined); // Whoever stops reading does not wait for it.
      yield* documents;
    }
  } finally {
    await cursor.close();
  }
}

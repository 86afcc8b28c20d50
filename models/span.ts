/**
 * Spans: what analytics counts, made from the history of orders and nothing else, so that they can always be made again.
 * A span is written under its natural id by insert, or by a replacement that only an older version lets in: a late or
 * repeated writer changes nothing.
 */
import type { Connection } from 'mongoose';
import { joined } from '../kernel/joined.ts';
import type { Span } from '../workflows/analytics/span.ts';
import { type BulkWrite, collectionSchema, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

const schema = collectionSchema('spans');
schema.index({ order: 1 });
schema.index({ of: 1, agency: 1, endedAt: 1 });
schema.index({ of: 1, agency: 1, product: 1, endedAt: 1 });
schema.index({ of: 1, agency: 1, account: 1, endedAt: 1 });
schema.index({ of: 1, endedAt: 1 });
schema.index({ of: 1, product: 1, endedAt: 1 });
const onlyClosed = { partialFilterExpression: { closedAt: { $exists: true } } };
schema.index({ of: 1, agency: 1, closedAt: 1 }, onlyClosed);
schema.index({ of: 1, closedAt: 1 }, onlyClosed);

export type SpanStore = ReturnType<typeof spanStore>;

/** The version that is kept of each span of an order. */
export type KeptVersions = ReadonlyMap<string, number>;

export function spanStore(connection: Connection) {
  const { model, documents } = openCollection<Span>(connection, 'Span', schema);

  const writing = joined(async (lots: Write[][]) => {
    const writes = lots.flat();
    const { duplicates } = await ignoringDuplicates(documents.bulkWrite(writes.map(operationOf), { ordered: false }));
    // Somebody else inserted them meanwhile: now they are replaced where what is there is older.
    if (duplicates > 0) {
      const late = writes.filter(({ isNew }) => isNew).map((write) => operationOf({ ...write, isNew: false }));
      await documents.bulkWrite(late, { ordered: false });
    }
    return lots.map(() => undefined);
  });

  return {
    kept: joined(async (orders: string[]): Promise<KeptVersions[]> => {
      const projection = { order: 1, version: 1 };
      const all = await documents.find<Kept>({ order: { $in: orders } }, { projection }).toArray();
      return orders.map(
        (order) => new Map(all.filter((one) => one.order === order).map(({ _id, version }) => [_id, version])),
      );
    }),

    /** Writes those that are newer than what is kept. */
    async write(spans: Span[], kept: KeptVersions): Promise<void> {
      const newer = spans.filter(({ _id, version }) => (kept.get(_id) ?? 0) < version);
      if (newer.length > 0) await writing(newer.map((span) => ({ span, isNew: !kept.has(span._id) })));
    },

    /**
     * Writes all spans of an order as it was read at `version`, over whatever is as old or older, and takes away what
     * should not be there. For when the computation itself has changed.
     */
    async rewrite(order: string, spans: Span[], version: number): Promise<void> {
      const ids = spans.map(({ _id }) => _id);
      await writing(spans.map((span) => ({ span, isNew: true, over: true })));
      await documents.deleteMany({ order, _id: { $nin: ids }, version: { $lte: version } });
    },

    model,
    documents,
  };
}

type Kept = Pick<Span, '_id' | 'order' | 'version'>;

interface Write {
  span: Span;
  isNew: boolean;
  /** Over the same version, too. */
  over?: boolean;
}

function operationOf({ span, isNew, over = false }: Write): BulkWrite<Span> {
  if (isNew) return { insertOne: { document: span } };
  const { _id, version, ...rest } = span;
  const older = over ? { $lte: version } : { $lt: version };
  return { replaceOne: { filter: { _id, version: older }, replacement: { version, ...rest } } };
}

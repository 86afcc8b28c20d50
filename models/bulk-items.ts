/**
 * The items of bulk operations: the frozen snapshot of orders, what was rehearsed for each and what became of it. Kept in
 * pages of some hundred, one document a page and one work item a page: a page is written once when it is planned and
 * once when it is carried out, whatever the number of orders, and every count is made from its items.
 */
import type { Connection } from 'mongoose';
import type { Counts, ItemOutcome, Verdict } from '../workflows/bulk/operation.ts';
import type { FieldChange } from '../workflows/restored.ts';
import type { Sample } from './bulk-operation.ts';
import { ignoringDuplicates } from './duplicates.ts';
import { plainSchema } from './plain.ts';

export interface Item {
  order: string;
  /** The version that was rehearsed; 0 where there is no such order. */
  version: number;
  verdict: Verdict;
  rule?: string;
  /** What the change would write over; else, it is no longer the change that was shown. */
  guard?: string;
  outcome?: ItemOutcome;
  code?: string;
  message?: string;
  /** The line of the order's history that it left. */
  line?: number;
  /** In which epoch it ended. */
  epoch?: number;
}

export interface Page {
  _id: string;
  operation: string;
  n: number;
  /** Bumped by every write. */
  rev: number;
  items: Item[];
  counts: Counts;
  verdicts: Record<Verdict, number>;
  rules: Record<string, number>;
  samples: Sample[];
  hash: string;
  /** Nothing of it is open for operations that reopened at this epoch or before; -1 while something is. */
  closed: number;
  expireAt: Date;
}

/** What an order was before the operation wrote over its `version`; only that entry is true whose write came to be. */
export interface Before {
  order: string;
  version: number;
  fields: FieldChange[];
}

export const pageSize = 500;

const schema = plainSchema('bulk_items');
schema.index({ operation: 1, n: 1 });
schema.index({ operation: 1, closed: 1 });
schema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });
const beforeSchema = plainSchema('bulk_before');
beforeSchema.index({ operation: 1, n: 1 });
beforeSchema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });
const listSchema = plainSchema('bulk_lists');
listSchema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });

const idOf = (operation: string, n: number) => `${operation}:${String(n).padStart(6, '0')}`;

export type ItemStore = ReturnType<typeof itemStore>;

export function itemStore(connection: Connection) {
  const pages = connection.model('BulkItems', schema).collection;
  const befores = connection.model('BulkBefore', beforeSchema).collection;
  const lists = connection.model('BulkList', listSchema).collection;
  const options = { ignoreUndefined: true };

  return {
    page: (operation: string, n: number) =>
      pages.findOne({ _id: idOf(operation, n) as never }) as unknown as Promise<Page | null>,

    /** One that is there stays as it is. */
    async addPage(page: Omit<Page, '_id' | 'rev'>): Promise<void> {
      const document = { _id: idOf(page.operation, page.n), rev: 0, ...page };
      await ignoringDuplicates(pages.insertOne(document as never, options));
    },

    /** False when somebody else has written the page since it was read. */
    async save({ _id, rev, items, counts, closed }: Page): Promise<boolean> {
      const update = { $set: { items, counts, closed }, $inc: { rev: 1 } };
      return (await pages.updateOne({ _id: _id as never, rev }, update as never, options)).matchedCount === 1;
    },

    /** Everything about the pages but the items. */
    heads: (operation: string) =>
      pages.find({ operation }).sort({ n: 1 }).project({ items: 0 }).toArray() as unknown as Promise<Page[]>,

    isOpen: async (operation: string, n: number, reopen: number) =>
      (await pages.findOne({ operation, n, closed: { $lt: reopen } } as never, { projection: { _id: 1 } })) !== null,

    /** Whether anything is open for an operation that reopened at this epoch. */
    isAnyOpen: async (operation: string, reopen: number) =>
      (await pages.findOne({ operation, closed: { $lt: reopen } } as never, { projection: { _id: 1 } })) !== null,

    all: (operation: string) => pages.find({ operation }).sort({ n: 1 }).batchSize(2) as unknown as AsyncIterable<Page>,

    async addBefore(
      operation: string,
      n: number,
      { id, entries, expireAt }: { id: string; entries: Before[]; expireAt: Date },
    ) {
      const document = { _id: `${idOf(operation, n)}:${id}`, operation, n, entries, expireAt };
      await ignoringDuplicates(befores.insertOne(document as never, options));
    },

    async befores(operation: string, n: number): Promise<Before[]> {
      const found = (await befores.find({ operation, n }).toArray()) as unknown as { entries: Before[] }[];
      return found.flatMap(({ entries }) => entries);
    },

    /** Ids that somebody gave, a page of them in each list. */
    async addLists(operation: string, ids: readonly string[], expireAt: Date): Promise<void> {
      const count = Math.ceil(ids.length / pageSize);
      const documents = Array.from({ length: count }, (_, n) => ({
        ...{ _id: idOf(operation, n), expireAt, ids: ids.slice(n * pageSize, (n + 1) * pageSize) },
      }));
      await ignoringDuplicates(lists.insertMany(documents as never, { ordered: false }));
    },

    async list(operation: string, n: number): Promise<string[]> {
      const found = await lists.findOne({ _id: idOf(operation, n) as never });
      return (found as unknown as { ids: string[] } | null)?.ids ?? [];
    },
  };
}

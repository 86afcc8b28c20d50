/**
 * The items of bulk operations: the frozen snapshot of orders, what was rehearsed for each and what became of it. Kept in
 * pages of some hundred, one document a page and one work item a page: a page is written once when it is planned and
 * once when it is carried out, whatever the number of orders, and every count is made from its items.
 */
import type { Collection, Connection } from 'mongoose';
import type { Counts, ItemOutcome, Verdict } from '../workflows/bulk/operation.ts';
import type { FieldChange } from '../workflows/engine/restored.ts';
import type { Sample } from './bulk-operation.ts';
import { collectionSchema, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

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

/** The items themselves; bumped by every write. */
export interface Page {
  _id: string;
  operation: string;
  n: number;
  rev: number;
  items: Item[];
  expireAt: Date;
}

/** What is known of a page without its items: small, for whoever looks at all pages. Always made from the items. */
export interface Head {
  _id: string;
  operation: string;
  n: number;
  /** The revision of the items that it was made from. */
  rev: number;
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

interface BeforePage {
  _id: string;
  operation: string;
  n: number;
  entries: Before[];
  expireAt: Date;
}

interface ListPage {
  _id: string;
  ids: string[];
  expireAt: Date;
}

export const pageSize = 500;

const schema = collectionSchema('bulk_items');
schema.index({ operation: 1, n: 1 });
schema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });
const headSchema = collectionSchema('bulk_pages');
headSchema.index({ operation: 1, n: 1 });
headSchema.index({ operation: 1, closed: 1 });
headSchema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });
const beforeSchema = collectionSchema('bulk_before');
beforeSchema.index({ operation: 1, n: 1 });
beforeSchema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });
const listSchema = collectionSchema('bulk_lists');
listSchema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });

const idOf = (operation: string, n: number) => `${operation}:${String(n).padStart(6, '0')}`;

export function itemStore(connection: Connection) {
  const { documents: pages } = openCollection<Page>(connection, 'BulkItems', schema);
  const { documents: heads } = openCollection<Head>(connection, 'BulkPage', headSchema);
  const { documents: befores } = openCollection<BeforePage>(connection, 'BulkBefore', beforeSchema);
  const { documents: lists } = openCollection<ListPage>(connection, 'BulkList', listSchema);
  return { ...itemPages(pages, heads), ...pageHeads(heads), ...beforePages(befores), ...listPages(lists) };
}

function itemPages(pages: Collection<Page>, heads: Collection<Head>) {
  return {
    page: (operation: string, n: number) => pages.findOne({ _id: idOf(operation, n) }),

    /** Items that are there stay as they are; resolves to what is there. */
    async addPage(page: Omit<Page, '_id' | 'rev'>): Promise<Page> {
      const document = { _id: idOf(page.operation, page.n), rev: 0, ...page };
      const { duplicates } = await ignoringDuplicates(pages.insertOne(document));
      if (duplicates === 0) return document;
      return (await pages.findOne({ _id: document._id })) ?? document;
    },

    /** False when somebody else has written the items since they were read. The head follows, and never goes back. */
    async save({ _id, rev, items }: Page, { counts, closed }: Pick<Head, 'counts' | 'closed'>): Promise<boolean> {
      const update = { $set: { items }, $inc: { rev: 1 } };
      const { matchedCount } = await pages.updateOne({ _id, rev }, update);
      if (matchedCount === 0) return false;
      const older = { _id, rev: { $lte: rev } };
      await heads.updateOne(older, { $set: { counts, closed, rev: rev + 1 } });
      return true;
    },

    all: (operation: string): AsyncIterable<Page> => pages.find({ operation }).sort({ n: 1 }).batchSize(2),
  };
}

function pageHeads(heads: Collection<Head>) {
  return {
    async addHead(head: Omit<Head, '_id'>): Promise<void> {
      await ignoringDuplicates(heads.insertOne({ _id: idOf(head.operation, head.n), ...head }));
    },

    heads: (operation: string) => heads.find({ operation }).sort({ n: 1 }).toArray(),

    isOpen: async (operation: string, n: number, reopen: number) =>
      (await heads.findOne({ operation, n, closed: { $lt: reopen } }, { projection: { _id: 1 } })) !== null,

    /** Whether anything is open for an operation that reopened at this epoch. */
    isAnyOpen: async (operation: string, reopen: number) =>
      (await heads.findOne({ operation, closed: { $lt: reopen } }, { projection: { _id: 1 } })) !== null,
  };
}

function beforePages(befores: Collection<BeforePage>) {
  return {
    async addBefore(
      operation: string,
      n: number,
      { id, entries, expireAt }: { id: string; entries: Before[]; expireAt: Date },
    ) {
      const document = { _id: `${idOf(operation, n)}:${id}`, operation, n, entries, expireAt };
      await ignoringDuplicates(befores.insertOne(document));
    },

    async befores(operation: string, n: number): Promise<Before[]> {
      const found = await befores.find({ operation, n }).toArray();
      return found.flatMap(({ entries }) => entries);
    },
  };
}

function listPages(lists: Collection<ListPage>) {
  return {
    /** Ids that somebody gave, a page of them in each list. */
    async addLists(operation: string, ids: readonly string[], expireAt: Date): Promise<void> {
      const count = Math.ceil(ids.length / pageSize);
      const documents = Array.from({ length: count }, (_, n) => ({
        _id: idOf(operation, n),
        expireAt,
        ids: ids.slice(n * pageSize, (n + 1) * pageSize),
      }));
      await ignoringDuplicates(lists.insertMany(documents, { ordered: false }));
    },

    async list(operation: string, n: number): Promise<string[]> {
      return (await lists.findOne({ _id: idOf(operation, n) }))?.ids ?? [];
    },
  };
}

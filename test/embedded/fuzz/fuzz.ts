/**
 * Random queries, each answered by an index's plan and by a full scan with the same matcher: they must agree on the
 * documents and their order. The folder of the server's source is a parameter, so that a bug can be planted in a copy.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Doc, type Random, randomFrom, someDocument, someIndex, someQuery } from './arbitrary.ts';

type Codec = typeof import('../../../embedded/codec.ts');
type Documents = typeof import('../../../embedded/documents.ts');
type Sort = typeof import('../../../embedded/sort.ts');
type Query = typeof import('../../../embedded/query.ts');
type Stores = typeof import('../../../embedded/store.ts');

export interface Fuzz {
  embedded: string;
  seed: number;
  queries: number;
}

export interface Verdict {
  /** What differed, and for which query; absent if nothing did. */
  fault?: string | undefined;
  asked: number;
  indexed: number;
}

const QUERIES_PER_COLLECTION = 60;
const DOCUMENTS = 40;

export async function runFuzz({ embedded, seed, queries }: Fuzz): Promise<Verdict> {
  const load = async (name: string) => import(pathToFileURL(resolve(embedded, name)).href);
  const { encode }: Codec = await load('codec.ts');
  const { insertDocument }: Documents = await load('documents.ts');
  const { sortKey }: Sort = await load('sort.ts');
  const { find, planOf, queryFor }: Query = await load('query.ts');
  const { createCollection, makeIndex, openStore, write }: Stores = await load('store.ts');
  const random = randomFrom(seed);
  const dir = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const store = openStore(dir, { sync: false });
  const everyone = queryFor({}, { hint: { $natural: 1 } });
  const verdict: Verdict = { asked: 0, indexed: 0 };
  try {
    while (verdict.asked < queries && !verdict.fault) {
      const collection = fill(random);
      const all = [...find(store, collection, everyone)].map(({ doc }) => doc);
      for (let i = 0; i < QUERIES_PER_COLLECTION && !verdict.fault; i++, verdict.asked++) ask(collection, all);
    }
  } finally {
    await store.root.close();
    rmSync(dir, { recursive: true, force: true });
  }
  return verdict;

  function fill(random: Random) {
    const depth = 1 + random.below(3);
    const specs = Array.from({ length: 1 + random.below(4) }, (_, i) => ({ ...someIndex(random), name: `i${i}` }));
    return write(store, () => {
      const collection = createCollection(store, { db: 'fuzz', name: `c${verdict.asked}` });
      for (const spec of specs) collection.indexes.push(makeIndex(spec, store.nextId++));
      for (let id = 0; id < DOCUMENTS; id++) tryInsert(collection, someDocument(random, id, depth));
      return collection;
    });
  }

  /** Two arrays in one compound index are refused; such a document is simply not there. */
  function tryInsert(collection: Parameters<typeof insertDocument>[1], doc: Doc) {
    try {
      insertDocument(store, collection, encode(doc));
    } catch (error) {
      if ((error as { code?: number }).code !== 171) throw error;
    }
  }

  function ask(collection: Parameters<typeof insertDocument>[1], all: Doc[]) {
    const { filter, ...rest } = someQuery(
      random,
      collection.indexes.slice(1).map(({ spec }) => spec),
    );
    const query = queryFor(filter, rest);
    const plan = planOf(store, collection, query);
    if (plan.index) verdict.indexed++;
    const byPlan = [...find(store, collection, query)].map(({ doc }) => doc);
    const matching = all.filter((doc) => query.filter.test(doc));
    const why = disagreement({ byPlan, matching, order: (doc) => sortKey(doc, rest.sort).toString('hex') }, rest);
    const shown = { filter, ...rest, index: plan.index?.spec, multikey: plan.index?.multikey };
    if (why) verdict.fault = `seed ${seed}, query ${verdict.asked}: ${why}\n${JSON.stringify(shown)}`;
  }
}

interface Answers {
  byPlan: Doc[];
  matching: Doc[];
  order: (doc: Doc) => string;
}

/** Documents that sort alike may come in any order, so with a limit only their keys can be compared. */
function disagreement(
  { byPlan, matching, order }: Answers,
  { skip, limit }: { skip: number; limit: number },
): string | undefined {
  const ids = byPlan.map((doc) => JSON.stringify(doc['_id']));
  if (new Set(ids).size < ids.length) return 'a document came twice';
  const known = new Set(matching.map((doc) => JSON.stringify(doc['_id'])));
  const wrong = ids.find((id) => !known.has(id));
  if (wrong) return `document ${wrong} does not match`;
  const wanted = Math.min(Math.max(0, matching.length - skip), limit || Number.POSITIVE_INFINITY);
  if (ids.length !== wanted) return `${ids.length} documents came, not ${wanted}`;
  const keys = matching.map(order).sort();
  return byPlan.map(order).join() === keys.slice(skip, skip + wanted).join() ? undefined : 'the order differs';
}

/**
 * Running a plan: documents that meet the filter, lazily, in the order asked for. A sort that no index gives holds
 * what it must in memory (with a limit only that many), and gives up at 100 MB as MongoDB does.
 */
import { type Doc, decode, decodeExact, isPlain } from './codec.ts';
import { tick } from './deadline.ts';
import { CommandError } from './errors.ts';
import { compileFilter, type Filter } from './filter.ts';
import { choosePlan, type Plan, type Question } from './planner.ts';
import { sortKey } from './sort.ts';
import { type Collection, type Entry, type Range, type Store, scan } from './store.ts';

export interface Found {
  key: Buffer;
  raw: Buffer;
  doc: Doc;
}

export interface Query {
  filter: Filter;
  sort: [string, number][];
  skip: number;
  limit: number;
  hint?: unknown;
}

export interface Counts {
  keys: number;
  docs: number;
}

const SORT_MEMORY = 100 * 1024 * 1024;
const END = Buffer.from([1]);

export function queryFor(filter: unknown, more: Partial<Query> & { variables?: Doc } = {}): Query {
  return { filter: compileFilter(filter ?? {}, more.variables), sort: [], skip: 0, limit: 0, ...more };
}

export function planOf(store: Store, collection: Collection, query: Query): Plan {
  const { filter, sort, skip, limit, hint } = query;
  const question: Question = { condition: filter.condition, sort, limit: limit && limit + skip, hint };
  return choosePlan(store, collection, question);
}

export function* find(
  store: Store,
  collection: Collection | undefined,
  query: Query,
  counts?: Counts,
): Generator<Found> {
  if (!collection) return;
  const plan = planOf(store, collection, query);
  const matching = matched(store, { collection, plan, query, counts: counts ?? { keys: 0, docs: 0 } });
  const ordered = plan.sorted ? matching : inOrder(matching, query);
  const end = query.limit > 0 ? query.skip + query.limit : Number.POSITIVE_INFINITY;
  let at = 0;
  for (const found of ordered) {
    if (at++ >= query.skip) yield found;
    if (at >= end) return;
  }
}

export function findFirst(store: Store, collection: Collection | undefined, query: Query): Found | undefined {
  for (const found of find(store, collection, { ...query, limit: 1 })) return found;
  return undefined;
}

interface Run {
  collection: Collection;
  plan: Plan;
  query: Query;
  counts: Counts;
}

function* matched(store: Store, { collection, plan, query, counts }: Run): Generator<Found> {
  const primary = !plan.index || plan.index === collection.indexes[0];
  const exact = primary && plan.bound === 1 && asksForIds(query.filter.condition);
  const seen = plan.index?.multikey ? new Set<string>() : undefined;
  for (const { key: entryKey, value } of candidates(store, { plan, primary, merge: query.sort.length > 0 })) {
    tick();
    counts.keys += plan.index ? 1 : 0;
    const key = primary ? entryKey : value;
    const text = seen && key.toString('latin1');
    if (text && seen.has(text)) continue;
    if (text) seen.add(text);
    const raw = primary ? value : store.documents.get(key);
    if (!raw) continue;
    counts.docs++;
    const found = exact ? undecoded(key, raw) : met(key, raw, query.filter);
    if (found) yield found;
  }
}

function met(key: Buffer, raw: Buffer, { exact, test }: Filter): Found | undefined {
  const doc = decode(raw);
  return test(exact ? decodeExact(raw) : doc) ? { key, raw, doc } : undefined;
}

/** Nothing but `_id`s, and plain texts: keys say all there is to say, so that documents need not be decoded. */
function asksForIds({ _id, ...rest }: Doc): boolean {
  if (Object.keys(rest).length > 0) return false;
  if (typeof _id === 'string') return true;
  if (!isPlain(_id) || Object.keys(_id).length > 1) return false;
  if (Array.isArray(_id['$in'])) return _id['$in'].every((id) => typeof id === 'string');
  return typeof _id['$eq'] === 'string';
}

function undecoded(key: Buffer, raw: Buffer): Found {
  let doc: Doc | undefined;
  return {
    ...{ key, raw },
    get doc() {
      doc ??= decode(raw);
      return doc;
    },
  };
}

function* candidates(
  store: Store,
  { plan, primary, merge }: { plan: Plan; primary: boolean; merge: boolean },
): Generator<Entry> {
  const db = primary ? store.documents : store.entries;
  if (primary && plan.bound === 1) {
    for (const { lo, reverse } of inTurn(plan.ranges)) {
      const key = Buffer.concat([lo, END]);
      const value = db.get(key);
      if (value) yield { key, value };
      if (reverse) continue;
    }
  } else if (merge && plan.sorted && plan.ranges.length > 1) {
    yield* merged(
      plan.ranges.map((range, i) => ({ entries: scan(db, range), skip: plan.prefixes[i] ?? 0 })),
      plan,
    );
  } else {
    for (const range of inTurn(plan.ranges)) yield* scan(db, range);
  }
}

function inTurn(ranges: Range[]): Range[] {
  return ranges[0]?.reverse ? [...ranges].reverse() : ranges;
}

interface Source {
  entries: Generator<Entry>;
  skip: number;
  head?: Entry | undefined;
}

/** Several ranges, each in order by what follows its prefix, as one. */
function* merged(sources: Source[], plan: Plan): Generator<Entry> {
  const way = plan.ranges[0]?.reverse ? -1 : 1;
  const advance = (source: Source) => {
    source.head = source.entries.next().value as Entry | undefined;
  };
  sources.forEach(advance);
  while (true) {
    let best: Source | undefined;
    for (const source of sources) {
      if (source.head && (!best || compareHeads(source, best) * way < 0)) best = source;
    }
    if (!best?.head) return;
    yield best.head;
    advance(best);
  }
}

function compareHeads(a: Source, b: Source): number {
  return Buffer.compare(a.head?.key.subarray(a.skip) ?? END, b.head?.key.subarray(b.skip) ?? END);
}

function* inOrder(found: Iterable<Found>, { sort, skip, limit }: Query): Generator<Found> {
  const wanted = limit > 0 ? skip + limit : Number.POSITIVE_INFINITY;
  let held: { key: Buffer; raw: Buffer; sort: Buffer }[] = [];
  let memory = 0;
  const settle = () => {
    held.sort((a, b) => Buffer.compare(a.sort, b.sort));
    if (held.length > wanted) held = held.slice(0, wanted);
    memory = held.reduce((sum, one) => sum + one.raw.length + one.sort.length, 0);
  };
  for (const { key, raw, doc } of found) {
    const one = { key, raw, sort: sortKey(doc, sort) };
    held.push(one);
    memory += raw.length + one.sort.length;
    if (held.length > wanted * 2 + 1000) settle();
    if (memory > SORT_MEMORY) settle();
    if (memory > SORT_MEMORY) {
      throw new CommandError(292, `Sort exceeded memory limit of ${SORT_MEMORY} bytes; add an index or a limit.`);
    }
  }
  settle();
  for (const { key, raw } of held) yield { key, raw, doc: decode(raw) };
}

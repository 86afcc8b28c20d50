/**
 * Where everything rests: one LMDB environment with the documents (collection id, `_id` key), the index entries
 * (index id, key) and the catalog. Every write happens inside `write`, which commits, and syncs, once for all that
 * its callback did, or leaves nothing behind. The catalog's copy in memory is read again when a commit fails.
 */
import { randomUUID } from 'node:crypto';
import { type Database, open, type RootDatabase } from 'lmdb';
import { type Doc, decode, encode } from './codec.ts';
import { CommitFailed, type Growth, refuseDamagedFile, refuseFullDisk } from './disk.ts';
import { isDiskFailure, messageOf } from './errors.ts';
import { compileFilter, type Filter } from './filter.ts';
import type { IndexField } from './index-keys.ts';

export interface Index {
  id: number;
  name: string;
  /** The declaration as the client gave it; `listIndexes` gives it back. */
  spec: Doc;
  fields: IndexField[];
  unique: boolean;
  sparse: boolean;
  partial?: Filter;
  /** What its entries depend on; absent: on more than can be named. */
  reads?: string[][];
  expireAfterSeconds?: number;
  multikey: boolean;
}

export interface Collection {
  id: number;
  db: string;
  name: string;
  uuid: string;
  options: Doc;
  indexes: Index[];
  count: number;
}

type Bytes = Database<Buffer, Buffer>;
export type Entry = { key: Buffer; value: Buffer };
export type Range = { lo: Buffer; hi: Buffer; reverse?: boolean };

const CHUNK = 256;

export function openStore(dir: string, { sync }: { sync: boolean }): Store {
  refuseDamagedFile(dir);
  refuseFullDisk(dir);
  const root = open<Buffer, Buffer>({
    path: dir,
    noSubdir: false, // By itself it takes a name with a dot for a file's.
    encoding: 'binary',
    keyEncoding: 'binary',
    maxDbs: 4,
    noSync: !sync,
    overlappingSync: false,
    noMemInit: false,
    maxReaders: 16,
  });
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const store: Store = {
    dir,
    root,
    documents: root.openDB<Buffer, Buffer>('documents', binary),
    entries: root.openDB<Buffer, Buffer>('entries', binary),
    catalog: root.openDB<Buffer, Buffer>('catalog', binary),
    collections: new Map(),
    dirty: new Set(),
    growth: { bytes: 0, entries: 0 },
    nextId: 1,
  };
  loadCatalog(store);
  return store;
}

export interface Store {
  dir: string;
  root: RootDatabase<Buffer, Buffer>;
  documents: Bytes;
  entries: Bytes;
  catalog: Bytes;
  collections: Map<string, Collection>;
  dirty: Set<Collection>;
  /** Of the transaction that is open. */
  growth: Growth;
  nextId: number;
}

/** One transaction, synced when this returns. If it throws, nothing of it was kept; after `CommitFailed` leave. */
export function write<T>(store: Store, action: () => T): T {
  refuseFullDisk(store.dir);
  store.growth = { bytes: 0, entries: 0 };
  let isDone = false;
  try {
    return store.root.transactionSync(() => {
      const result = action();
      for (const collection of store.dirty) saveCollection(store, collection);
      store.dirty.clear();
      refuseFullDisk(store.dir, store.growth);
      isDone = true;
      return result;
    });
  } catch (error) {
    if (isDone || isDiskFailure(error)) throw new CommitFailed(`A commit failed: ${messageOf(error)}.`);
    store.dirty.clear();
    loadCatalog(store);
    throw error;
  }
}

export function put(store: Store, db: Bytes, { key, value }: Entry): void {
  store.growth.bytes += key.length + value.length;
  store.growth.entries++;
  db.putSync(key, value);
}

export function remove(store: Store, db: Bytes, key: Buffer): void {
  store.growth.entries++;
  db.removeSync(key);
}

/** Entries between two keys, neither of which may exist, read in chunks so that no read transaction stays open. */
export function* scan(db: Bytes, { lo, hi, reverse = false }: Range): Generator<Entry> {
  let from = reverse ? hi : lo;
  let started = false;
  while (true) {
    const options = { start: from, end: reverse ? lo : hi, limit: CHUNK, reverse, exclusiveStart: started };
    const chunk = [...(db.getRange(options) as unknown as Iterable<Entry>)];
    yield* chunk;
    const last = chunk.at(-1);
    if (!last || chunk.length < CHUNK) return;
    from = last.key;
    started = true;
  }
}

export function prefixOf(id: number): Buffer {
  const prefix = Buffer.allocUnsafe(4);
  prefix.writeUInt32BE(id);
  return prefix;
}

export function everything(id: number): Range {
  return { lo: prefixOf(id), hi: prefixOf(id + 1) };
}

export function createCollection(
  store: Store,
  { db, name, options = {} }: { db: string; name: string; options?: Doc },
) {
  const id = store.nextId++;
  const collection: Collection = { id, db, name, uuid: randomUUID(), options, indexes: [], count: 0 };
  collection.indexes.push(makeIndex({ v: 2, key: { _id: 1 }, name: '_id_' }, id));
  store.collections.set(`${db}.${name}`, collection);
  store.dirty.add(collection);
  return collection;
}

export function dropCollection(store: Store, collection: Collection): void {
  clear(store, store.documents, everything(collection.id));
  for (const index of collection.indexes.slice(1)) clear(store, store.entries, everything(index.id));
  store.dirty.delete(collection);
  forget(store, collection);
}

export function clear(store: Store, db: Bytes, range: Range): void {
  for (const { key } of scan(db, range)) remove(store, db, key);
}

export function makeIndex(spec: Doc, id: number): Index {
  const fields = Object.entries(spec['key'] as Doc).map(([path, direction]) => ({
    path: path.split('.'),
    descending: Number(direction) < 0,
  }));
  const index: Index = {
    id,
    name: String(spec['name']),
    spec,
    fields,
    unique: Boolean(spec['unique']),
    sparse: Boolean(spec['sparse']),
    multikey: false,
  };
  if (spec['partialFilterExpression']) index.partial = compileFilter(spec['partialFilterExpression']);
  const condition = Object.keys(index.partial?.condition ?? {});
  if (!condition.some((path) => path.startsWith('$'))) {
    index.reads = [...index.fields.map(({ path }) => path), ...condition.map((path) => path.split('.'))];
  }
  if (spec['expireAfterSeconds'] !== undefined) index.expireAfterSeconds = Number(spec['expireAfterSeconds']);
  return index;
}

function forget(store: Store, { db, name }: Collection): void {
  store.collections.delete(`${db}.${name}`);
  remove(store, store.catalog, Buffer.from(`${db}.${name}`));
}

function saveCollection(store: Store, { indexes, ...rest }: Collection): void {
  const saved = { ...rest, indexes: indexes.map(({ id, spec, multikey }) => ({ id, spec, multikey })) };
  put(store, store.catalog, { key: Buffer.from(`${rest.db}.${rest.name}`), value: encode(saved) });
}

function loadCatalog(store: Store): void {
  store.collections.clear();
  store.nextId = 1;
  for (const { key, value } of store.catalog.getRange({}) as unknown as Iterable<Entry>) {
    const saved = decode(value) as unknown as Omit<Collection, 'indexes'> & { indexes: Index[] };
    const indexes = saved.indexes.map(({ id, spec, multikey }) => ({ ...makeIndex(spec, id), multikey }));
    store.collections.set(key.toString(), { ...saved, indexes });
    store.nextId = Math.max(store.nextId, saved.id + 1, ...indexes.map(({ id }) => id + 1));
  }
}

/**
 * Putting a document in, in another's place, and taking it out, with all its index entries. Everything that can be
 * refused is refused before the first byte is written, because a transaction is shared with other clients' writes.
 */
import { ObjectId } from 'bson';
import { bsonTypeOf, type Doc, decode, decodeExact, encode, isPlain, MAX_DOCUMENT } from './codec.ts';
import { CommandError } from './errors.ts';
import { indexKeys } from './index-keys.ts';
import { encodeKey, MAX_KEY } from './keys.ts';
import { type Collection, type Index, prefixOf, put, remove, type Store } from './store.ts';

/** Between a key and what follows it, so that no key of a range's end ever exists. */
const END = Buffer.from([1]);

function documentKey(collection: Collection, id: unknown): Buffer {
  const key = Buffer.concat([prefixOf(collection.id), encodeKey(id), END]);
  if (key.length > MAX_KEY) throw new CommandError(17280, `An _id may have ${MAX_KEY} bytes at most.`);
  return key;
}

export function insertDocument(store: Store, collection: Collection, raw: Buffer): void {
  const { doc, bytes } = withIdFirst(raw);
  refuseId(doc['_id']);
  const key = documentKey(collection, doc['_id']);
  if (store.documents.doesExist(key)) throw duplicate(collection, { index: collection.indexes[0], doc });
  const entries = entriesOf(secondary(collection), { doc, key });
  refuseDuplicates(store, collection, { entries, doc, key });
  put(store, store.documents, { key, value: bytes });
  for (const { index, entry, multikey } of entries) {
    put(store, store.entries, { key: entry, value: key });
    if (multikey && !index.multikey) index.multikey = true;
  }
  collection.count++;
  store.dirty.add(collection);
}

/** Answers whether anything changed. */
export function replaceDocument(store: Store, collection: Collection, change: Change): boolean {
  const { key, before, was, after } = change;
  const bytes = encode(after);
  if (bytes.equals(before)) return false;
  refuseLarge(bytes);
  const touched = secondary(collection).filter((index) => !isUntouched(index, was, after));
  const entries = entriesOf(touched, { doc: after, key });
  const old = new Map(entriesOf(touched, { doc: was, key }).map(({ entry }) => [entry.toString('latin1'), entry]));
  const added = entries.filter(({ entry }) => !old.delete(entry.toString('latin1')));
  refuseDuplicates(store, collection, { entries: added, doc: after, key });
  for (const entry of old.values()) remove(store, store.entries, entry);
  for (const { index, entry, multikey } of added) {
    put(store, store.entries, { key: entry, value: key });
    if (multikey && !index.multikey) {
      index.multikey = true;
      store.dirty.add(collection);
    }
  }
  put(store, store.documents, { key, value: bytes });
  return true;
}

export interface Change {
  key: Buffer;
  before: Buffer;
  /** The same, decoded. */
  was: Doc;
  after: Doc;
}

/** Most updates move few indexes, and finding out costs less than making all the keys of both documents. */
function isUntouched({ reads }: Index, was: Doc, after: Doc): boolean {
  return reads?.every((path) => isSameScalar(scalarAt(was, path), scalarAt(after, path))) ?? false;
}

function scalarAt(doc: Doc, path: string[]): unknown {
  let value: unknown = doc;
  for (const step of path) {
    if (value === undefined) return undefined;
    if (!isPlain(value)) return Number.NaN; // An array or a scalar on the way: not worth telling, and unlike itself.
    value = value[step];
  }
  return value;
}

function isSameScalar(one: unknown, other: unknown): boolean {
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime();
  return one === other && (typeof one !== 'object' || one === null);
}

export function removeDocument(store: Store, collection: Collection, { key, raw }: { key: Buffer; raw: Buffer }): void {
  for (const { entry } of entriesOf(secondary(collection), { doc: decode(raw), key }))
    remove(store, store.entries, entry);
  remove(store, store.documents, key);
  collection.count--;
  store.dirty.add(collection);
}

/** Fills a new index with the documents that are there already. */
export function addToIndex(
  store: Store,
  collection: Collection,
  index: Index,
  { key, value }: Record<'key' | 'value', Buffer>,
) {
  const doc = decode(value);
  const entries = entriesOf([index], { doc, key });
  refuseDuplicates(store, collection, { entries, doc, key });
  for (const { entry, multikey } of entries) {
    put(store, store.entries, { key: entry, value: key });
    index.multikey ||= multikey;
  }
}

interface IndexEntry {
  index: Index;
  entry: Buffer;
  multikey: boolean;
}

/** Every index but that of `_id`, which the documents themselves are. */
const secondary = ({ indexes }: Collection): Index[] => indexes.slice(1);

function entriesOf(indexes: Index[], { doc, key }: { doc: Doc; key: Buffer }): IndexEntry[] {
  const found: IndexEntry[] = [];
  for (const index of indexes) {
    if (index.partial && !index.partial.test(doc)) continue;
    const { keys, multikey, absent } = indexKeys(doc, index.fields);
    if (absent && index.sparse) continue;
    for (const one of keys) {
      const suffix = index.unique ? [] : [key.subarray(4)];
      const entry = Buffer.concat([prefixOf(index.id), one, END, ...suffix]);
      if (entry.length > MAX_KEY) throw new CommandError(17280, `An index entry may have ${MAX_KEY} bytes at most.`);
      found.push({ index, entry, multikey });
    }
  }
  return found;
}

function refuseDuplicates(
  store: Store,
  collection: Collection,
  { entries, doc, key }: { entries: IndexEntry[]; doc: Doc; key: Buffer },
): void {
  for (const { index, entry } of entries) {
    if (!index.unique) continue;
    const holder = store.entries.get(entry);
    if (holder && !holder.equals(key)) throw duplicate(collection, { index, doc });
  }
}

function duplicate(collection: Collection, { index, doc }: { index: Index | undefined; doc: Doc }): CommandError {
  const keyPattern = (index?.spec['key'] ?? { _id: 1 }) as Doc;
  const keyValue = Object.fromEntries(Object.keys(keyPattern).map((path) => [path, valueAt(doc, path)]));
  const shown = Object.entries(keyValue).map(([path, value]) => `${path}: ${JSON.stringify(value)}`);
  return new CommandError(
    11000,
    `E11000 duplicate key error collection: ${collection.db}.${collection.name} index: ${index?.name} dup key: { ${shown.join(', ')} }`,
    { keyPattern, keyValue },
  );
}

function valueAt(doc: Doc, path: string): unknown {
  let value: unknown = doc;
  for (const step of path.split('.')) {
    if (Array.isArray(value) && !/^\d+$/.test(step)) value = value.find((item) => item?.[step] !== undefined);
    value = (value as Doc | undefined | null)?.[step];
  }
  return value ?? null;
}

function withIdFirst(raw: Buffer): { doc: Doc; bytes: Buffer } {
  const doc = decode(raw);
  if (Object.keys(doc)[0] === '_id') {
    refuseLarge(raw);
    return { doc, bytes: raw };
  }
  const whole = { _id: doc['_id'] === undefined ? new ObjectId() : doc['_id'], ...decodeExact(raw) };
  const bytes = encode(whole);
  refuseLarge(bytes);
  return { doc: whole, bytes };
}

function refuseLarge(bytes: Buffer): void {
  if (bytes.length > MAX_DOCUMENT) {
    throw new CommandError(
      10334,
      `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${MAX_DOCUMENT}`,
    );
  }
}

function refuseId(id: unknown): void {
  const what = Array.isArray(id)
    ? 'array'
    : id === undefined
      ? 'undefined'
      : bsonTypeOf(id) === 'BSONRegExp'
        ? 'regex'
        : '';
  if (what) throw new CommandError(53, `The '_id' value cannot be of type ${what}`);
  const dollar = isPlain(id) ? Object.keys(id).find((name) => name.startsWith('$')) : undefined;
  if (dollar)
    throw new CommandError(52, `_id fields may not contain '$'-prefixed fields: ${dollar} is not valid for storage.`);
}

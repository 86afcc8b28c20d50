/** createIndexes, dropIndexes and listIndexes. Of what one command declares or drops, all happens or nothing. */
import { type Doc, encode, isPlain } from './codec.ts';
import { type Command, collectionOf, ensureCollection, namespaceOf, type Request, refuseCollation } from './command.ts';
import { openCursor } from './cursors.ts';
import { tick } from './deadline.ts';
import { addToIndex } from './documents.ts';
import { CommandError, unsupported } from './errors.ts';
import { prepareFilter } from './filter.ts';
import { type Collection, clear, dropCollection, everything, type Index, makeIndex, scan } from './store.ts';
import type { Reply } from './wire.ts';

export const INDEX_COMMANDS: Record<string, Command> = {
  createIndexes: { fields: 'indexes commitQuorum', writes: true, run: createIndexes },
  dropIndexes: { fields: 'index', writes: true, run: dropIndexes },
  listIndexes: { fields: 'cursor', run: listIndexes },
};

const OPTIONS = new Set(
  'key name unique sparse partialFilterExpression expireAfterSeconds background v ns hidden collation'.split(' '),
);
const PARTIAL_OPERATORS = new Set('$eq $exists $gt $gte $lt $lte $type $and $in'.split(' '));

function createIndexes(request: Request): Doc {
  const specs = request.command['indexes'];
  if (!Array.isArray(specs) || specs.length === 0)
    throw new CommandError(2, 'Must specify at least one index to create');
  const checked = specs.map(checkSpec);
  const existed = request.store.collections.has(namespaceOf(request).ns);
  const collection = ensureCollection(request);
  const numIndexesBefore = collection.indexes.length;
  try {
    for (const spec of checked) if (!alreadyThere(collection, spec)) build(request, collection, spec);
  } catch (error) {
    for (const index of collection.indexes.splice(numIndexesBefore)) dropEntries(request, index);
    if (!existed) dropCollection(request.store, collection);
    throw error;
  }
  const note = collection.indexes.length === numIndexesBefore ? { note: 'all indexes already exist' } : {};
  return {
    numIndexesBefore,
    numIndexesAfter: collection.indexes.length,
    createdCollectionAutomatically: !existed,
    ...note,
    ok: 1,
  };
}

/** Its place is taken first, so that whoever undoes this finds it. */
function build({ store }: Request, collection: Collection, spec: Doc): void {
  const index = makeIndex(spec, store.nextId++);
  collection.indexes.push(index);
  store.dirty.add(collection);
  for (const entry of scan(store.documents, everything(collection.id))) {
    tick();
    addToIndex(store, collection, index, entry);
  }
}

function dropEntries({ store }: Request, { id }: Index): void {
  clear(store, store.entries, everything(id));
}

function checkSpec(spec: unknown): Doc {
  if (!isPlain(spec) || !isPlain(spec['key'])) throw new CommandError(9, 'An index needs a key');
  const unknown = Object.keys(spec).find((name) => !OPTIONS.has(name));
  if (unknown) throw new CommandError(197, `The field '${unknown}' is not valid for an index specification.`);
  refuseCollation(spec['collation']);
  const key = spec['key'];
  const fields = Object.entries(key);
  if (fields.length === 0) throw new CommandError(67, 'Index keys cannot be an empty object');
  for (const [path, kind] of fields) checkField(path, kind);
  if (spec['partialFilterExpression'] !== undefined) checkPartial(spec);
  checkExpiry(spec['expireAfterSeconds'], fields.length);
  const { background: _, ns: _ns, v: _v, collation: _c, ...rest } = spec;
  const name = spec['name'] ?? fields.map(([path, kind]) => `${path}_${String(kind)}`).join('_');
  return { v: 2, key, name, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== false)) };
}

function checkField(path: string, kind: unknown): void {
  if (path === '' || path.split('.').includes(''))
    throw new CommandError(67, 'Index keys cannot contain an empty field.');
  if (path.startsWith('$') || path.includes('$**')) throw unsupported(`The index key '${path}'`, 67);
  if (/(^|\.)\d+(\.|$)/.test(path)) throw unsupported(`An index on a position, '${path}',`, 67);
  if (typeof kind === 'string') throw unsupported(`An index of kind '${kind}'`, 67);
  if (typeof kind !== 'number' || kind === 0)
    throw new CommandError(67, `Values in the index key pattern must be 1 or -1: ${path}`);
}

function checkPartial(spec: Doc): void {
  const partial = spec['partialFilterExpression'];
  if (!isPlain(partial)) throw new CommandError(14, 'partialFilterExpression must be an object');
  if (spec['sparse']) throw new CommandError(67, 'cannot mix "partialFilterExpression" and "sparse" options');
  const check = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(check);
    if (!isPlain(value)) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name.startsWith('$') && (!PARTIAL_OPERATORS.has(name) || (name === '$exists' && !inner))) {
        throw new CommandError(67, `Expression not supported in partial index: ${name}`);
      }
      check(inner);
    }
  };
  check(prepareFilter(partial));
}

function checkExpiry(seconds: unknown, fields: number): void {
  if (seconds === undefined) return;
  if (typeof seconds !== 'number' || seconds < 0 || seconds > 0x7fffffff) {
    throw new CommandError(67, 'TTL index expireAfterSeconds must be a number within 0 and 2147483647');
  }
  if (fields > 1)
    throw new CommandError(67, 'TTL indexes are single-field indexes, compound indexes do not support TTL.');
}

function alreadyThere(collection: Collection, spec: Doc): boolean {
  const same = (index: Index) => JSON.stringify(index.spec['key']) === JSON.stringify(spec['key']);
  if (Object.keys(spec['key'] as Doc).join() === '_id') return true;
  const known = collection.indexes.find((index) => same(index) && samePartial(index.spec, spec));
  const named = collection.indexes.find(({ name }) => name === spec['name']);
  if (named && named !== known) {
    throw new CommandError(
      same(named) ? 85 : 86,
      `An existing index has the same name as the requested index: ${String(spec['name'])}`,
    );
  }
  if (!known) return false;
  if (known.name !== spec['name'])
    throw new CommandError(85, `Index already exists with a different name: ${known.name}`);
  const { expireAfterSeconds, unique, sparse } = makeIndex(spec, 0);
  if (known.unique !== unique || known.sparse !== sparse || known.expireAfterSeconds !== expireAfterSeconds) {
    throw new CommandError(
      known.expireAfterSeconds === expireAfterSeconds ? 86 : 85,
      `An equivalent index already exists with different options: ${known.name}`,
    );
  }
  return true;
}

function samePartial(a: Doc, b: Doc): boolean {
  return JSON.stringify(a['partialFilterExpression']) === JSON.stringify(b['partialFilterExpression']);
}

function dropIndexes(request: Request): Doc {
  const { store, command } = request;
  const collection = existing(request);
  const wanted = Array.isArray(command['index']) ? command['index'] : [command['index']];
  const nIndexesWas = collection.indexes.length;
  const chosen = wanted.flatMap((one) => (one === '*' ? collection.indexes.slice(1) : [named(collection, one)]));
  if (chosen.some((index) => index === collection.indexes[0])) throw new CommandError(72, 'cannot drop _id index');
  for (const index of new Set(chosen)) {
    dropEntries(request, index);
    collection.indexes.splice(collection.indexes.indexOf(index), 1);
  }
  store.dirty.add(collection);
  return { nIndexesWas, ok: 1 };
}

function listIndexes(request: Request): Reply {
  const collection = existing(request);
  const documents = collection.indexes.map(({ spec }) => encode(spec)).values();
  const batchSize = (request.command['cursor'] as Doc | undefined)?.['batchSize'] as number | undefined;
  return openCursor(request.server.cursors, { ns: namespaceOf(request).ns, documents, batchSize });
}

function existing(request: Request): Collection {
  const collection = collectionOf(request);
  if (!collection) throw new CommandError(26, `ns does not exist: ${namespaceOf(request).ns}`);
  return collection;
}

function named(collection: Collection, wanted: unknown): Index {
  const pattern = isPlain(wanted) ? JSON.stringify(wanted) : undefined;
  const found = collection.indexes.find(({ name, spec }) => name === wanted || JSON.stringify(spec['key']) === pattern);
  if (!found) throw new CommandError(27, `index not found with name [${String(pattern ?? wanted)}]`);
  return found;
}

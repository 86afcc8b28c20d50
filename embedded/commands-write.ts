/**
 * insert, update, delete and findAndModify. The documents to write are found first and written after, so an update
 * never meets again what it has just moved. Each document of a command stands or falls by itself, as in MongoDB.
 */
import { type Doc, decode, decodeExact, encode, hasExact, isPlain } from './codec.ts';
import { type Command, collectionOf, ensureCollection, type Request, refuseCollation } from './command.ts';
import { insertDocument, removeDocument, replaceDocument } from './documents.ts';
import { asRefusal, CommandError, endsCommand } from './errors.ts';
import { evaluateLet } from './operators.ts';
import { compileProjection } from './projection.ts';
import { type Found, find, findFirst, type Query, queryFor } from './query.ts';
import { sortPairs } from './sort.ts';
import type { Collection } from './store.ts';
import { compileUpdate, seedOf, type Update, withId } from './update.ts';

export const WRITE_COMMANDS: Record<string, Command> = {
  insert: { fields: 'documents ordered bypassDocumentValidation', writes: true, run: insert },
  update: { fields: 'updates ordered bypassDocumentValidation let collation', writes: true, run: update },
  delete: { fields: 'deletes ordered let collation', writes: true, run: remove },
  findAndModify: { fields: FIND_AND_MODIFY(), writes: true, run: findAndModify },
  findandmodify: { fields: FIND_AND_MODIFY(), writes: true, run: findAndModify },
};

function FIND_AND_MODIFY(): string {
  return 'query sort remove update new fields upsert arrayFilters hint let collation bypassDocumentValidation';
}

function insert(request: Request): Doc {
  const collection = ensureCollection(request);
  const documents = statements(request, 'documents');
  let n = 0;
  const errors = eachStatement(request, documents, (raw) => {
    insertDocument(request.store, collection, raw);
    n++;
  });
  return { n, ...errors, ok: 1 };
}

function update(request: Request): Doc {
  const totals = { n: 0, nModified: 0 };
  const upserted: Doc[] = [];
  const errors = eachStatement(request, statements(request, 'updates'), (raw, index) => {
    const outcome = updateOnce(request, hasExact(raw) ? { ...decode(raw), u: decodeExact(raw)['u'] } : decode(raw));
    totals.n += outcome.n;
    totals.nModified += outcome.nModified;
    if ('upserted' in outcome) upserted.push({ index, _id: outcome.upserted });
  });
  return { ...totals, ...(upserted.length > 0 ? { upserted } : {}), ...errors, ok: 1 };
}

function updateOnce(request: Request, statement: Doc): { n: number; nModified: number; upserted?: unknown } {
  refuseUnknown(statement, 'update.updates', 'q u multi upsert arrayFilters hint collation c');
  const multi = Boolean(statement['multi']);
  const compiled = compileUpdate(statement['u'], options(request, statement));
  if (multi && compiled.kind === 'replacement') {
    throw new CommandError(9, 'multi update is not supported for replacement-style update');
  }
  const query = queryOf(request, statement['q'], statement);
  const collection = collectionOf(request);
  const found: Target[] = multi
    ? [...find(request.store, collection, { ...query, limit: 0 })].map(({ key }) => ({ key }))
    : [...find(request.store, collection, { ...query, limit: 1 })];
  if (found.length === 0 && statement['upsert']) {
    return { n: 1, nModified: 0, upserted: upsert(request, compiled, query.filter.condition)['_id'] };
  }
  let nModified = 0;
  for (const one of found) {
    const before = one.raw ?? request.store.documents.get(one.key);
    if (!before || !collection) continue;
    const was = one.doc ?? decode(before);
    if (changeOne(request, { collection, key: one.key, before, was, compiled, query }).changed) nModified++;
  }
  return { n: found.length, nModified };
}

/** Of many documents only the keys are held. */
type Target = Pick<Found, 'key'> & Partial<Found>;

interface OneChange {
  collection: Collection;
  key: Buffer;
  before: Buffer;
  was: Doc;
  compiled: Update;
  query: Query;
}

function changeOne(
  request: Request,
  { collection, key, before, was, compiled, query }: OneChange,
): { after: Doc; changed: boolean } {
  const after = compiled.apply(decodeExact(before), query.filter.condition);
  return { after, changed: replaceDocument(request.store, collection, { key, before, was, after }) };
}

function upsert(request: Request, compiled: Update, condition: Doc): Doc {
  const collection = ensureCollection(request);
  const seed = compiled.kind === 'replacement' ? onlyId(seedOf(condition)) : seedOf(condition);
  const doc = withId(compiled.apply(seed, condition, true));
  insertDocument(request.store, collection, encode(doc));
  return doc;
}

function onlyId({ _id }: Doc): Doc {
  return _id === undefined ? {} : { _id };
}

function remove(request: Request): Doc {
  let n = 0;
  const errors = eachStatement(request, statements(request, 'deletes'), (raw) => {
    const statement = decode(raw);
    refuseUnknown(statement, 'delete.deletes', 'q limit hint collation');
    if (statement['limit'] !== 0 && statement['limit'] !== 1) {
      throw new CommandError(9, `The limit field in delete objects must be 0 or 1. Got ${String(statement['limit'])}`);
    }
    const query = { ...queryOf(request, statement['q'], statement), limit: statement['limit'] };
    const collection = collectionOf(request);
    const found = [...find(request.store, collection, query)].map(({ key }) => key);
    for (const key of found) {
      const value = request.store.documents.get(key);
      if (value && collection) removeDocument(request.store, collection, { key, raw: value });
      n++;
    }
  });
  return { n, ...errors, ok: 1 };
}

function findAndModify(request: Request): Doc {
  const { command, store } = request;
  const removing = Boolean(command['remove']);
  if (removing === (command['update'] !== undefined)) {
    throw new CommandError(
      9,
      removing ? 'Cannot specify both an update and remove=true' : 'Either an update or remove=true must be specified',
    );
  }
  if (removing && (command['new'] || command['upsert'])) {
    throw new CommandError(9, 'Cannot specify new=true or upsert=true with remove=true');
  }
  const query = { ...queryOf(request, command['query'], command), sort: sortPairs(command['sort']) };
  const collection = collectionOf(request);
  const found = findFirst(store, collection, query);
  const project = compileProjection(command['fields'], query.filter.condition) ?? ((doc: Doc) => doc);
  if (removing) {
    if (found && collection) removeDocument(store, collection, found);
    return { lastErrorObject: { n: found ? 1 : 0 }, value: found ? project(found.doc) : null, ok: 1 };
  }
  return modified(request, { found, query, project });
}

function modified(
  request: Request,
  { found, query, project }: { found: Found | undefined; query: Query; project: (doc: Doc) => Doc },
): Doc {
  const { command } = request;
  const compiled = compileUpdate(command['update'], options(request, command));
  if (!found) {
    if (!command['upsert']) return { lastErrorObject: { n: 0, updatedExisting: false }, value: null, ok: 1 };
    const doc = upsert(request, compiled, query.filter.condition);
    const lastErrorObject = { n: 1, updatedExisting: false, upserted: doc['_id'] };
    return { lastErrorObject, value: command['new'] ? project(doc) : null, ok: 1 };
  }
  const collection = ensureCollection(request);
  const { after } = changeOne(request, {
    collection,
    key: found.key,
    before: found.raw,
    was: found.doc,
    compiled,
    query,
  });
  return {
    lastErrorObject: { n: 1, updatedExisting: true },
    value: project(command['new'] ? after : found.doc),
    ok: 1,
  };
}

/** Runs statements one by one; an ordered command stops at the first that is refused. */
function eachStatement(request: Request, all: Buffer[], run: (raw: Buffer, index: number) => void): Doc {
  const ordered = request.command['ordered'] !== false;
  const writeErrors: Doc[] = [];
  for (const [index, raw] of all.entries()) {
    try {
      run(raw, index);
    } catch (error) {
      const refusal = asRefusal(error);
      if (!refusal || endsCommand(refusal)) throw error;
      writeErrors.push({ index, code: refusal.code, errmsg: refusal.message, ...refusal.details });
      if (ordered) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

function statements({ command, sequences, name }: Request, field: string): Buffer[] {
  const inline = command[field];
  const found =
    sequences.get(field) ?? (Array.isArray(inline) ? inline.filter(isPlain).map((one) => encode(one)) : undefined);
  if (!found) throw new CommandError(40414, `BSON field '${name}.${field}' is missing but a required field`);
  if (found.length === 0 || found.length > 100_000) {
    throw new CommandError(16, `Write batch sizes must be between 1 and 100000. Got ${found.length} operations.`);
  }
  return found;
}

function queryOf(request: Request, filter: unknown, { hint, collation }: Doc): Query {
  refuseCollation(collation);
  return queryFor(filter, { hint, variables: evaluateLet(request.command['let']) });
}

function options(request: Request, { arrayFilters, c }: Doc): { arrayFilters: unknown; variables: Doc } {
  return { arrayFilters, variables: { ...evaluateLet(request.command['let']), ...evaluateLet(c) } };
}

function refuseUnknown(statement: Doc, where: string, known: string): void {
  const unknown = Object.keys(statement).find((key) => !known.split(' ').includes(key));
  if (unknown) throw new CommandError(40415, `BSON field '${where}.${unknown}' is an unknown field.`);
}

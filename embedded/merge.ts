/** The two stages that write: `$out` puts a collection in another's place, `$merge` brings documents into one. */
import { type Doc, decode, encode, isPlain } from './codec.ts';
import { checkName, type Request } from './command.ts';
import { documentKey, insertDocument, replaceDocument } from './documents.ts';
import { CommandError } from './errors.ts';
import { type Collection, createCollection, dropCollection } from './store.ts';
import { withId } from './update.ts';

export function replaceCollection(request: Request, target: unknown, documents: Doc[]): void {
  const { db, name } = targetOf(request, target);
  const old = request.store.collections.get(`${db}.${name}`);
  if (old) dropCollection(request.store, old);
  const fresh = createCollection(request.store, { db, name });
  if (old) fresh.options = old.options;
  for (const document of documents) insertDocument(request.store, fresh, encode(withId(document)));
}

export function mergeInto(request: Request, spec: unknown, documents: Doc[]): void {
  const into = isPlain(spec) ? spec['into'] : spec;
  const on = isPlain(spec) ? (spec['on'] ?? '_id') : '_id';
  const matched = (isPlain(spec) && spec['whenMatched']) || 'merge';
  const unmatched = (isPlain(spec) && spec['whenNotMatched']) || 'insert';
  if (on !== '_id')
    throw new CommandError(51183, '$merge on other fields than _id is not supported by the embedded server');
  const { db, name } = targetOf(request, into);
  const collection = request.store.collections.get(`${db}.${name}`) ?? createCollection(request.store, { db, name });
  for (const document of documents) mergeOne(request, collection, { document: withId(document), matched, unmatched });
}

function mergeOne(
  { store }: Request,
  collection: Collection,
  { document, matched, unmatched }: { document: Doc; matched: unknown; unmatched: unknown },
): void {
  const key = documentKey(collection, document['_id']);
  const before = store.documents.get(key);
  if (!before) {
    if (unmatched === 'fail')
      throw new CommandError(13113, '$merge could not find a matching document in the target collection');
    if (unmatched === 'insert') insertDocument(store, collection, encode(document));
    return;
  }
  if (matched === 'keepExisting') return;
  if (matched === 'fail') {
    const found = { keyPattern: { _id: 1 }, keyValue: { _id: document['_id'] } };
    throw new CommandError(11000, '$merge found a matching document, and whenMatched is fail', found);
  }
  if (matched !== 'merge' && matched !== 'replace') {
    throw new CommandError(51191, '$merge with a pipeline is not supported by the embedded server');
  }
  const after = matched === 'replace' ? document : { ...decode(before), ...document };
  replaceDocument(store, collection, { key, before, was: decode(before), after });
}

function targetOf({ db }: Request, target: unknown): { db: string; name: string } {
  const name = isPlain(target) ? target['coll'] : target;
  const other = isPlain(target) ? target['db'] : undefined;
  if (typeof name !== 'string') throw new CommandError(16990, '$out and $merge need the name of a collection');
  return { db: typeof other === 'string' ? other : db, name: checkName(db, name) };
}

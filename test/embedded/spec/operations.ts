/** The operations of the unified test format, as calls of the official driver. */
import type { Collection, Db, Document, MongoClient } from 'mongodb';

type Run = (target: Collection, args: Document) => Promise<unknown>;

export interface Entities {
  clients: Map<string, MongoClient>;
  databases: Map<string, Db>;
  collections: Map<string, Collection>;
}

const ON_COLLECTION: Record<string, Run> = {
  aggregate: (c, { pipeline, ...options }) => c.aggregate(pipeline, options).toArray(),
  bulkWrite: (c, { requests, ...options }) => c.bulkWrite(requests, options),
  count: (c, { filter, ...options }) => c.count(filter, options),
  countDocuments: (c, { filter, ...options }) => c.countDocuments(filter, options),
  createIndex: (c, { keys, ...options }) => c.createIndex(keys, options),
  deleteMany: (c, { filter, ...options }) => c.deleteMany(filter, options),
  deleteOne: (c, { filter, ...options }) => c.deleteOne(filter, options),
  distinct: (c, { fieldName, filter, ...options }) => c.distinct(fieldName, filter, options),
  estimatedDocumentCount: (c, options) => c.estimatedDocumentCount(options),
  find: (c, { filter, ...options }) => c.find(filter, options).toArray(),
  findOne: (c, { filter, ...options }) => c.findOne(filter, options),
  findOneAndDelete: (c, { filter, ...options }) => c.findOneAndDelete(filter, options),
  findOneAndReplace: (c, { filter, replacement, ...options }) =>
    c.findOneAndReplace(filter, replacement, returning(options)),
  findOneAndUpdate: (c, { filter, update, ...options }) => c.findOneAndUpdate(filter, update, returning(options)),
  insertMany: (c, { documents, ...options }) => c.insertMany(documents, options),
  insertOne: (c, { document, ...options }) => c.insertOne(document, options),
  replaceOne: (c, { filter, replacement, ...options }) => c.replaceOne(filter, replacement, options),
  updateMany: (c, { filter, update, ...options }) => c.updateMany(filter, update, options),
  updateOne: (c, { filter, update, ...options }) => c.updateOne(filter, update, options),
};

const ON_DATABASE: Record<string, (db: Db, args: Document) => Promise<unknown>> = {
  aggregate: (db, { pipeline, ...options }) => db.aggregate(pipeline, options).toArray(),
  createCollection: (db, { collection, ...options }) => db.createCollection(collection, options),
  dropCollection: (db, { collection }) => db.dropCollection(collection),
  modifyCollection: (db, { collection, ...options }) => db.command({ collMod: collection, ...options }),
};

export async function runOperation(
  { clients, databases, collections }: Entities,
  { name, object, arguments: given }: Document,
): Promise<unknown> {
  const { session: _, ...args } = given ?? {};
  const collection = collections.get(object);
  if (collection) return need(ON_COLLECTION, name)(collection, args);
  const db = databases.get(object);
  if (db) return need(ON_DATABASE, name)(db, args);
  const client = clients.get(object);
  if (object === 'testRunner' && name === 'failPoint')
    return clients.get(args['client'])?.db('admin').command(args['failPoint']);
  if (client && name === 'clientBulkWrite') return client.bulkWrite(args['models'].map(toModel), withoutModels(args));
  throw new Error(`This runner doesn't know ${name} on ${object}.`);
}

function need<T>(table: Record<string, T>, name: string): T {
  const found = table[name];
  if (!found) throw new Error(`This runner doesn't know ${name}.`);
  return found;
}

function returning(options: Document): Document {
  const { returnDocument, ...rest } = options;
  return returnDocument ? { ...rest, returnDocument: returnDocument.toLowerCase() } : rest;
}

function toModel(model: Document): never {
  const [name, fields] = Object.entries(model)[0] as [string, Document];
  return { name, ...fields } as never;
}

function withoutModels({ models: _, ...options }: Document): Document {
  return options;
}

/**
 * One collection, as the compiler knows it. The shape of its documents is TypeScript's; mongoose's schema only names the
 * collection and carries its indexes. Reads with a projection name what they get: `documents.find<Part>(…)`.
 */
import { type Collection, type Connection, type mongo, Schema } from 'mongoose';

export interface Stored {
  _id: string;
}

/** A filter that is put together before it is asked. */
export type Filter<T extends Stored> = mongo.Filter<T>;

export type Update<T extends Stored> = mongo.UpdateFilter<T>;

export type BulkWrite<T extends Stored> = mongo.AnyBulkWriteOperation<T>;

export function collectionSchema(collection: string): Schema {
  const schema = new Schema(
    {},
    { collection, strict: false, strictQuery: false, versionKey: false, autoIndex: false, minimize: false, id: false },
  );
  schema.add({ _id: String });
  return schema;
}

/** The model under which tools find the collection and its indexes, and its documents. */
export function openCollection<T extends Stored>(connection: Connection, name: string, schema: Schema) {
  const model = connection.model(name, schema);
  const documents: Collection<T> = connection.collection<T>(model.collection.name);
  return { model, documents };
}

/**
 * Collections without versions, history or outbox: small records, of which one field is changed without touching the
 * others. Anything that emits effects is an aggregate instead (stream.ts).
 */
import { type Connection, Schema } from 'mongoose';

/** The shape is TypeScript's; the schema only names the collection and carries the indexes. */
export function plainSchema(collection: string): Schema {
  const schema = new Schema(
    {},
    { collection, strict: false, strictQuery: false, versionKey: false, autoIndex: false, minimize: false, id: false },
  );
  schema.add({ _id: String });
  return schema;
}

/** A field that is undefined in `set` stays as it is. */
export interface FieldChanges<T> {
  set?: Partial<Omit<T, '_id'>>;
  unset?: (keyof T & string)[];
}

export function plainStore<T extends { _id: string }>(connection: Connection, name: string, schema: Schema) {
  const model = connection.model(name, schema);
  const documents = model.collection;

  return {
    get: (id: string) => documents.findOne({ _id: id as never }) as unknown as Promise<T | null>,

    /** Writes the whole record, over whatever was there. */
    async put({ _id, ...rest }: T): Promise<void> {
      await documents.replaceOne({ _id: _id as never }, rest as never, { upsert: true, ignoreUndefined: true });
    },

    /** Sets and removes the fields named, and no other; makes the record where there is none. One write. */
    async change(id: string, { set = {}, unset = [] }: FieldChanges<T>): Promise<void> {
      const removed = Object.fromEntries(unset.map((field) => [field, 1]));
      const update = { $set: set, $unset: removed };
      const options = { upsert: true, ignoreUndefined: true };
      await documents.updateOne({ _id: id as never }, update as never, options);
    },

    model,
  };
}

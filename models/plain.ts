/**
 * Collections without versions, history or outbox: small records, of which one field is changed without touching the
 * others. Anything that emits effects is an aggregate instead (stream.ts).
 */
import type { Connection, Schema } from 'mongoose';
import { openCollection, type Stored } from './collection.ts';

/** A field that is undefined in `set` stays as it is. */
export interface FieldChanges<T> {
  set?: Partial<Omit<T, '_id'>>;
  unset?: (keyof T & string)[];
}

export function plainStore<T extends Stored>(connection: Connection, name: string, schema: Schema) {
  const { model, documents } = openCollection<Stored>(connection, name, schema);

  return {
    get: (id: string) => documents.findOne<T>({ _id: id }),

    /** Writes the whole record, over whatever was there. */
    async put({ _id, ...rest }: T): Promise<void> {
      await documents.replaceOne({ _id }, rest, { upsert: true });
    },

    /** Sets and removes the fields named, and no other; makes the record where there is none. One write. */
    async change(id: string, { set = {}, unset = [] }: FieldChanges<T>): Promise<void> {
      const removed = Object.fromEntries(unset.map((field) => [field, true as const]));
      await documents.updateOne({ _id: id }, { $set: set, $unset: removed }, { upsert: true });
    },

    model,
    documents: connection.collection<T>(documents.name),
  };
}

/**
 * Collections without versions, history or outbox: small records that are written whole. Anything that two writers may
 * change at once, or that emits effects, is an aggregate instead (stream.ts).
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

export function plainStore<T extends { _id: string }>(connection: Connection, name: string, schema: Schema) {
  const model = connection.model(name, schema);
  const documents = model.collection;

  return {
    get: (id: string) => documents.findOne({ _id: id as never }) as unknown as Promise<T | null>,

    /** Writes the whole record, over whatever was there. */
    async put({ _id, ...rest }: T): Promise<void> {
      await documents.replaceOne({ _id: _id as never }, rest as never, { upsert: true, ignoreUndefined: true });
    },

    model,
  };
}

/** Many documents by `_id` in one query, answered in the order asked; null where there is none. */
import type { Collection } from 'mongoose';
import type { Stored } from './collection.ts';

export async function byIds<D extends Stored>(
  documents: Pick<Collection<Stored>, 'find'>,
  ids: string[],
): Promise<(D | null)[]> {
  const found = await documents.find<D>({ _id: { $in: ids } }).toArray();
  const byId = new Map(found.map((document) => [document._id, document]));
  return ids.map((id) => byId.get(id) ?? null);
}

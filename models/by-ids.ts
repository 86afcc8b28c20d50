/** Many documents by `_id` in one query, answered in the order asked; null where there is none. */
import type { Collection } from 'mongoose';

export async function byIds<D extends { _id: string }>(documents: Collection, ids: string[]): Promise<(D | null)[]> {
  const found = (await documents.find({ _id: { $in: ids as never[] } }).toArray()) as unknown as D[];
  const byId = new Map(found.map((document) => [document._id, document]));
  return ids.map((id) => byId.get(id) ?? null);
}

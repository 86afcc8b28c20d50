/** Takes out what a TTL index says has had its time, a limited number each round so that others get their turn. */
import type { Doc } from './codec.ts';
import { removeDocument } from './documents.ts';
import { find, queryFor } from './query.ts';
import { type Collection, type Index, type Store, write } from './store.ts';

const AT_ONCE = 1000;

export function removeExpired(store: Store): void {
  for (const collection of store.collections.values()) {
    for (const index of collection.indexes) {
      if (index.expireAfterSeconds !== undefined) expire(store, collection, index);
    }
  }
}

function expire(store: Store, collection: Collection, index: Index): void {
  const [path = ''] = Object.keys(index.spec['key'] as Doc);
  const before = new Date(Date.now() - (index.expireAfterSeconds ?? 0) * 1000);
  const partial = (index.spec['partialFilterExpression'] ?? {}) as Doc;
  // Both hold, also where they speak of one path.
  const query = queryFor(
    { $and: [{ [path]: { $lte: before } }, partial] },
    { limit: AT_ONCE, hint: index.spec['key'] },
  );
  if (find(store, collection, query).next().done) return;
  write(store, () => {
    for (const found of [...find(store, collection, query)]) removeDocument(store, collection, found);
  });
}

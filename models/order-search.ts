/** The list of orders, for people and programs: always inside the caller's scope, always on an index. */
import type { Order, OrderStore } from './order.ts';
import { type Scope, within } from './scope.ts';

export interface OrderFilter {
  product?: string;
  status?: string;
}

export type OrderSearch = ReturnType<typeof orderSearch>;

export function orderSearch({ model }: Pick<OrderStore, 'model'>) {
  const orders = model.collection;

  return {
    async list(scope: Scope, { product, status }: OrderFilter, { skip, limit }: { skip: number; limit: number }) {
      const filter = {
        ...within(scope),
        ...(product !== undefined && { 'state.product': product }),
        ...(status !== undefined && { 'state.status': status }),
        'state.clearedAt': { $exists: false },
      };
      const newestFirst = { 'state.createdAt': -1, _id: -1 } as const;
      const found = orders.find(filter as never, { maxTimeMS: 2_000 }).sort(newestFirst);
      return (await found.skip(skip).limit(limit).toArray()) as unknown as Order[];
    },
  };
}

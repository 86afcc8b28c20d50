/**
 * What everybody has on their hands, counted from the orders themselves along the index of their loads: orders in set-up,
 * and the stages of these that are open with them.
 */
import type { OrderStore } from './order.ts';
import { type Scope, within } from './scope.ts';

export interface Carried {
  staff: string;
  orders: number;
  stages: number;
}

const peopleShown = 1_000;

export function workload({ documents: orders }: Pick<OrderStore, 'documents'>) {
  const options = { maxTimeMS: 2_000 };

  return {
    async list(scope: Scope): Promise<Carried[]> {
      const found = await orders
        .aggregate(
          [
            { $match: { ...within(scope), 'state.load.staff': { $gt: '' } } },
            { $project: { load: '$state.load' } },
            { $unwind: '$load' },
            { $group: { _id: '$load.staff', orders: { $sum: 1 }, stages: { $sum: '$load.stages' } } },
            { $sort: { orders: -1, _id: 1 } },
            { $limit: peopleShown },
          ],
          options,
        )
        .toArray();
      return found.map((one) => ({
        staff: String(one['_id']),
        orders: Number(one['orders']),
        stages: Number(one['stages']),
      }));
    },

    /** How many orders in set-up somebody has, in every agency. */
    ordersOf: (staff: string): Promise<number> => orders.countDocuments({ 'state.load.staff': staff }, options),
  };
}

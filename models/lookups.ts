/** Single documents by id, inside a caller's scope: what the API may show or change, and nothing else. */
import type { Connection } from 'mongoose';
import type { WorkItem } from '../kernel/work.ts';
import type { Account } from './account.ts';
import { beginning } from './beginning.ts';
import type { Filter } from './collection.ts';
import type { Order } from './order.ts';
import { type Scope, within } from './scope.ts';

export function lookups(connection: Connection) {
  const orders = connection.collection<Order>('orders');
  const known = connection.collection<Account>('accounts');
  const work = connection.collection<WorkItem>('work');

  return {
    order: (scope: Scope, id: string) => orders.findOne<Order>({ ...within(scope), _id: id }),
    job: (scope: Scope, id: string) => work.findOne<WorkItem>({ ...within(scope), _id: id }),

    /** The accounts of these orders, whoever's they are, by the orders' ids. */
    async accountsOf(ids: string[]): Promise<Map<string, string>> {
      const found = await orders.find<Order>({ _id: { $in: ids } }, { projection: { account: 1 } }).toArray();
      return new Map(found.map(({ _id, account }) => [_id, account]));
    },

    /** The newest jobs of an order. */
    jobsOf: (scope: Scope, order: string, limit: number) =>
      work
        .find<WorkItem>({ ...within(scope), order })
        .sort({ createdAt: -1 })
        .limit(limit)
        .toArray(),

    /** Those of these jobs that are open no more. */
    settledJobs: (ids: string[]) => work.find<WorkItem>({ _id: { $in: ids }, state: { $ne: 'open' } }).toArray(),

    account: ({ agency, accounts }: Scope, id: string) =>
      accounts === undefined || accounts.includes(id)
        ? known.findOne<Account>({ _id: id, agency })
        : Promise.resolve(null),

    /** The next accounts by id; each of the folded words begins a word of what an account is found by. */
    accounts(
      { agency, accounts }: Scope,
      { words, after, limit }: { words: string[]; after?: string | undefined; limit: number },
    ) {
      const conditions: Filter<Account>[] = [
        { ...(agency !== undefined && { agency }) },
        ...(accounts === undefined ? [] : [{ _id: { $in: accounts } }]),
        ...(after === undefined ? [] : [{ _id: { $gt: after } }]),
        ...words.map((word) => ({ search: beginning(word) })),
      ];
      return known.find<Account>({ $and: conditions }, { maxTimeMS: 2_000 }).sort({ _id: 1 }).limit(limit).toArray();
    },

    /** True when the database answers within a second. */
    async ping(): Promise<boolean> {
      try {
        await connection.db?.command({ ping: 1 }, { timeoutMS: 1_000 });
        return connection.db !== undefined;
      } catch {
        return false;
      }
    },
  };
}

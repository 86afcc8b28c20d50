/** Single documents by id, inside a caller's scope: what the API may show or change, and nothing else. */
import type { Connection } from 'mongoose';
import type { WorkItem } from '../kernel/work.ts';
import type { Account } from './account.ts';
import type { Order } from './order.ts';
import { type Scope, within } from './scope.ts';

export type Lookups = ReturnType<typeof lookups>;

export function lookups(connection: Connection) {
  const one = <T>(collection: string, filter: object) =>
    connection.collection(collection).findOne(filter) as unknown as Promise<T | null>;

  return {
    order: (scope: Scope, id: string) => one<Order>('orders', { ...within(scope), _id: id }),
    job: (scope: Scope, id: string) => one<WorkItem>('work', { ...within(scope), _id: id }),

    /** The newest jobs of an order. */
    jobsOf: (scope: Scope, order: string, limit: number) =>
      connection
        .collection('work')
        .find({ ...within(scope), order })
        .sort({ createdAt: -1 })
        .limit(limit)
        .toArray() as unknown as Promise<WorkItem[]>,

    /** Those of these jobs that are open no more. */
    settledJobs: (ids: string[]) =>
      connection
        .collection('work')
        .find({ _id: { $in: ids as never[] }, state: { $ne: 'open' } })
        .toArray() as unknown as Promise<WorkItem[]>,

    account: ({ agency, accounts }: Scope, id: string) =>
      one<Account>('accounts', {
        $and: [{ _id: id }, ...(accounts ? [{ _id: { $in: accounts } }] : [])],
        ...(agency !== undefined && { agency }),
      }),

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

/**
 * References that other services give their orders, unique within an account. Each is claimed by one insert under an id
 * made of account and reference, before the order's commit; a claim without a commit is harmless, as asking again claims
 * the same for the same order.
 */
import type { Connection } from 'mongoose';
import { hashedId } from '../kernel/ids.ts';
import { ignoringDuplicates } from './duplicates.ts';
import { plainSchema } from './plain.ts';

export interface OrderReference {
  _id: string;
  account: string;
  order: string;
}

export function orderReferences(connection: Connection) {
  const { collection } = connection.model('OrderReference', plainSchema('order_references'));
  const idOf = (account: string, reference: string) => hashedId('reference', account, reference);

  return {
    /** The order that has the reference. */
    async holder(account: string, reference: string): Promise<string | undefined> {
      const found = await collection.findOne({ _id: idOf(account, reference) as never });
      return found ? String(found['order']) : undefined;
    },

    /** Claims the reference for the order; resolves to the order that has it, whoever came first. */
    async claim(account: string, reference: string, order: string): Promise<string> {
      const claimed: OrderReference = { _id: idOf(account, reference), account, order };
      const { duplicates } = await ignoringDuplicates(collection.insertOne(claimed as never));
      if (duplicates === 0) return order;
      return String((await collection.findOne({ _id: claimed._id as never }))?.['order'] ?? order);
    },
  };
}

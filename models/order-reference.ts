/**
 * References that other services give their orders, unique within an account. Each is claimed by one insert under an id
 * made of account and reference, before the order's commit; a claim without a commit is harmless, as asking again claims
 * the same for the same order.
 */
import type { Connection } from 'mongoose';
import { hashedId } from '../kernel/ids.ts';
import { collectionSchema, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

export interface OrderReference {
  _id: string;
  account: string;
  order: string;
}

export function orderReferences(connection: Connection) {
  const { documents } = openCollection<OrderReference>(
    connection,
    'OrderReference',
    collectionSchema('order_references'),
  );
  const idOf = (account: string, reference: string) => hashedId('reference', account, reference);

  return {
    /** The order that has the reference, or is about to have it. */
    holder: async (account: string, reference: string): Promise<string | undefined> =>
      (await documents.findOne({ _id: idOf(account, reference) }))?.order,

    /** Claims the reference for the order; resolves to the order that has it, whoever came first. */
    async claim(account: string, reference: string, order: string): Promise<string> {
      const claimed: OrderReference = { _id: idOf(account, reference), account, order };
      const { duplicates } = await ignoringDuplicates(documents.insertOne(claimed));
      if (duplicates === 0) return order;
      return (await documents.findOne({ _id: claimed._id }))?.order ?? order;
    },
  };
}

/** Orders: the workflow's state, whole, inside the aggregate's envelope. */
import type { Connection } from 'mongoose';
import type { OrderState } from '../workflows/state.ts';
import type { Envelope } from './aggregate.ts';
import type { AuditStore } from './audit.ts';
import { aggregateSchema, stream } from './stream.ts';

export interface Order extends Envelope {
  agency: string;
  account: string;
  state: OrderState;
  /** What the list is searched by. */
  search?: string[];
  /** Cancelled bulk operations that may write nothing here any more, however late they come. */
  fences?: string[];
}

const fencesKept = 50;

const schema = aggregateSchema('orders');
schema.index({ agency: 1, _id: 1 });
schema.index({ agency: 1, 'state.createdAt': -1, _id: -1 });
schema.index({ agency: 1, account: 1, 'state.createdAt': -1, _id: -1 });
schema.index({ agency: 1, 'state.status': 1, 'state.createdAt': -1, _id: -1 });
schema.index({ agency: 1, 'state.product': 1, 'state.createdAt': -1, _id: -1 });
schema.index({ agency: 1, 'state.onboarding': 1, 'state.createdAt': -1, _id: -1 });
schema.index({ agency: 1, 'state.manager': 1, 'state.createdAt': -1, _id: -1 });
schema.index({ agency: 1, 'state.assignees': 1, 'state.createdAt': -1, _id: -1 });
schema.index({ agency: 1, 'state.load.staff': 1 });
schema.index({ 'state.load.staff': 1 }, { sparse: true });
schema.index({ agency: 1, 'state.lastActivityAt': 1, _id: 1 });
schema.index({ agency: 1, 'state.title': 1, _id: 1 });
schema.index({ agency: 1, search: 1 });
schema.index({ agency: 1, 'state.status': 1, _id: 1 });
schema.index({ 'state.createdAt': -1, _id: -1 });
schema.index({ 'state.lastActivityAt': 1, _id: 1 });
schema.index({ 'state.title': 1, _id: 1 });
schema.index({ 'state.status': 1, _id: 1 });

export type OrderStore = ReturnType<typeof orderStore>;

export function orderStore(parts: { connection: Connection; audit: AuditStore }) {
  const orders = stream<Order>(parts, 'order', schema);
  return {
    ...orders,

    /** From now on no write of the operation matches these orders: its filter asks for the fence. */
    async fence(ids: readonly string[], operation: string): Promise<void> {
      const update = { $push: { fences: { $each: [operation], $slice: -fencesKept } } };
      await orders.model.collection.updateMany(
        { _id: { $in: ids }, fences: { $ne: operation } } as never,
        update as never,
      );
    },
  };
}

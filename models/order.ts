/** Orders: the workflow's state, whole, inside the aggregate's envelope. */
import type { Connection } from 'mongoose';
import type { OrderState } from '../workflows/words/state.ts';
import type { Envelope } from './aggregate.ts';
import type { AuditStore } from './audit.ts';
import type { Filter } from './collection.ts';
import { aggregateSchema, stream } from './stream.ts';

export interface Order extends Envelope {
  agency: string;
  account: string;
  state: OrderState;
  /** What the list is searched by. */
  search?: string[];
  /** The title as people sort. */
  sortTitle?: string;
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
schema.index({ agency: 1, sortTitle: 1, _id: 1 });
schema.index(
  { agency: 1, 'state.slaDueAt': 1, _id: 1 },
  { partialFilterExpression: { 'state.slaDueAt': { $type: 'date' } } },
);
schema.index({ agency: 1, search: 1 });
schema.index({ account: 1, _id: 1 });
schema.index({ agency: 1, 'state.status': 1, _id: 1 });
schema.index({ 'state.createdAt': -1, _id: -1 });
schema.index({ 'state.lastActivityAt': 1, _id: 1 });
schema.index({ sortTitle: 1, _id: 1 });
schema.index({ 'state.status': 1, _id: 1 });

export type OrderStore = ReturnType<typeof orderStore>;

/** Of an order, what says whether it listens to a fact, or follows the contact or the place. */
export type Listener = Pick<Order, '_id' | 'agency' | 'account'> & {
  state: Pick<OrderState, 'product' | 'workflowVersion' | 'client' | 'calendar'>;
};

const listened = ['product', 'workflowVersion', 'client', 'calendar'].map((field) => [`state.${field}`, 1]);
const listener = { agency: 1, account: 1, ...Object.fromEntries(listened) };

export function orderStore(parts: { connection: Connection; audit: AuditStore }) {
  const orders = stream<Order>(parts, 'order', schema);
  const { documents } = orders;
  return {
    ...orders,

    /** The next orders of an account that are not closed, by id; asked of the primary, which knows them all. */
    openOf(account: string, after: string, limit: number): Promise<Listener[]> {
      const open: Filter<Order> = {
        account,
        _id: { $gt: after },
        'state.status': { $nin: ['completed', 'cancelled'] },
      };
      const found = documents.find<Listener>(open, { readPreference: 'primary', projection: listener });
      return found.sort({ _id: 1 }).limit(limit).toArray();
    },

    /** From now on no write of the operation matches these orders: its filter asks for the fence. */
    async fence(ids: readonly string[], operation: string): Promise<void> {
      const update = { $push: { fences: { $each: [operation], $slice: -fencesKept } } };
      await documents.updateMany({ _id: { $in: ids }, fences: { $ne: operation } }, update);
    },
  };
}

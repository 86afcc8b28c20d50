/**
 * Keeps the spans that analytics counts. An item only names an order; its spans are made from the order as it is now, so
 * that a late, repeated or overtaken item does nothing.
 */

import type { Models } from '../models/open.ts';
import type { Order } from '../models/order.ts';
import { analytics } from '../queues/analytics.ts';
import type { Span } from '../workflows/analytics/span.ts';
import { spansOf } from '../workflows/analytics/spans.ts';
import { defineWorker, done } from './machine/define.ts';

type Stores = Pick<Models, 'orders' | 'audit' | 'spans'>;

export const analyticsWorker = defineWorker({
  queue: analytics,
  concurrency: 4,
  handlers: {
    async span({ order: id }, _, { models }) {
      const [order, kept] = await Promise.all([models.orders.get(id), models.spans.kept(id)]);
      if (order) await models.spans.write(await spansOfOrder(order, models), kept);
      return done;
    },
  },
});

/** Makes all spans of an order anew; false when there is no such order. */
export async function rebuildSpans(id: string, stores: Stores): Promise<boolean> {
  const order = await stores.orders.get(id);
  if (!order) return false;
  await stores.spans.rewrite(id, await spansOfOrder(order, stores), order.version);
  return true;
}

/** The last lines of a history rest in the order, all that came before them in the audit. */
async function spansOfOrder(order: Order, { orders, audit }: Stores): Promise<Span[]> {
  const { _id: id, agency, account, state, history } = order;
  const before = (history[0]?.seq ?? 1) - 1;
  const earlier = before > 0 ? await audit.read(orders.streamOf(id), 1, before) : [];
  const lines = [...earlier, ...history];
  if (lines.some(({ seq }, index) => seq !== index + 1)) throw new Error(`The history of ${id} has a gap.`);
  return spansOf({ id, agency, account, calendar: state.calendar }, lines);
}

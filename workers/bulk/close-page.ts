/**
 * Closes what a cancelled operation has left open on a page. First the fence, which the filter of every write of the
 * operation asks for; after it no write can come, however late, and what is there tells which were in time.
 */
import type { Operation } from '../../models/bulk-operation.ts';
import type { Context } from '../machine/context.ts';
import { type Ending, type Endings, outcomeLeft } from './left.ts';
import { isOpen, record } from './run-page.ts';

const cancelled: Ending = { outcome: 'cancelled' };

export async function closePage(operation: Operation, n: number, context: Context): Promise<void> {
  const { bulkItems, orders } = context.models;
  const page = await bulkItems.page(operation._id, n);
  if (!page) throw new Error(`Operation ${operation._id} has no page ${n}.`);
  const open = page.items.filter((item) => isOpen(item, operation)).map(({ order }) => order);
  await orders.fence(open, operation._id);
  const endings: Endings = new Map();
  for (const id of open) {
    const read = await orders.get(id);
    endings.set(id, (read && (await outcomeLeft(operation, read, context))) ?? cancelled);
  }
  await record(page, { operation, endings }, context);
}

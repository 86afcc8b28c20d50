/** Carries out one page of an operation, and writes down what became of each order on it. */
import type { Item, Page } from '../../models/bulk-items.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import { countsOfItems } from '../../workflows/bulk/tally.ts';
import type { Context } from '../machine/context.ts';
import { type Endings, outcomeLeft } from './left.ts';
import { judgeOf } from './plan-page.ts';
import { writeItems } from './write.ts';

export async function runPage(operation: Operation, n: number, context: Context): Promise<void> {
  const page = await context.models.bulkItems.page(operation._id, n);
  if (!page) throw new Error(`Operation ${operation._id} has no page ${n}.`);
  const judge = await judgeOf(operation, n, context);
  const open = page.items.filter((item) => isOpen(item, operation));
  const endings = await writeItems(open, { operation, page, judge }, context);
  await record(page, { operation, endings }, context);
}

/** What a chunk that died had committed gets its lines into the audit, though the operation has stopped since. */
export async function tidyPage(operation: Operation, n: number, context: Context): Promise<void> {
  const { bulkItems, orders } = context.models;
  const page = await bulkItems.page(operation._id, n);
  for (const { order } of page?.items.filter((item) => isOpen(item, operation)) ?? []) {
    const read = await orders.get(order);
    if (read) await outcomeLeft(operation, read, context);
  }
}

export function isOpen({ outcome, epoch = 0 }: Item, { reopen }: Operation): boolean {
  return outcome === undefined || ((outcome === 'conflict' || outcome === 'failed') && epoch < reopen);
}

/** Only what is still open gets an outcome: somebody else may have been at the same page, and what is said stands. */
export async function record(
  read: Page,
  { operation, endings }: { operation: Operation; endings: Endings },
  { models: { bulkItems } }: Context,
): Promise<void> {
  for (let page: Page | null = read; page; page = await bulkItems.page(read.operation, read.n)) {
    const items = page.items.map((item): Item => {
      const ending = isOpen(item, operation) ? endings.get(item.order) : undefined;
      if (!ending) return item;
      const { code: _, message: __, ...was } = item;
      return { ...was, ...ending, epoch: operation.epoch };
    });
    const closed = items.some((item) => isOpen(item, operation)) ? -1 : operation.reopen;
    if (await bulkItems.save({ ...page, items }, { counts: countsOfItems(items), closed })) return;
  }
}

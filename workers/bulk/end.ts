/** The end of an operation, once nothing of it is open: its status is made from the outcomes of its items. */
import { system } from '../../kernel/actor.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import { finish } from '../../workflows/bulk/operation.ts';
import { sumOf } from '../../workflows/bulk/tally.ts';
import { apply } from '../machine/apply.ts';
import type { Context } from '../machine/context.ts';

/** Each lane asks at its end; the last finds nothing open. */
export async function finishOperation(operation: Operation, item: WorkItem, context: Context): Promise<void> {
  const { operations, bulkItems } = context.models;
  const { _id, epoch, reopen } = operation;
  if (await bulkItems.isAnyOpen(_id, reopen)) return;
  const counts = sumOf((await bulkItems.heads(_id)).map((head) => head.counts));
  const own = { ...item, _id: `${_id}-end-${epoch}`, actor: system };
  const decide = (read: Operation | undefined) => {
    const set = finish(read ?? operation, counts, context.business.now());
    return { set, events: [{ type: 'operation-ended', status: set.status, ...counts }], effects: [] };
  };
  await apply({ stream: operations, id: _id, item: own, action: 'finish-operation', decide }, context);
}

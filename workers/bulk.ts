/**
 * Carries out bulk operations, a page of orders at a time: `plan` rehearses one, `chunk` writes one, `close` closes what
 * a cancelled operation has left. Each makes the next item of its lane before it is settled, so that the chain goes on
 * whatever dies; two chains over the same pages would write the same and count the same.
 */
import { Refusal } from '../kernel/errors.ts';
import type { WorkDraft, WorkItem } from '../kernel/work.ts';
import { openWork } from '../kernel/work.ts';
import type { Operation } from '../models/bulk-operation.ts';
import { bulk, chunkDraft, closeDraft, lanes, planDraft } from '../queues/bulk.ts';
import { operationStatuses as anyStatus } from '../workflows/bulk/operation.ts';
import { closePage } from './bulk/close-page.ts';
import { finishOperation } from './bulk/end.ts';
import { planPage, recordPlan } from './bulk/plan-page.ts';
import { runPage, tidyPage } from './bulk/run-page.ts';
import type { Context } from './machine/context.ts';
import { defineWorker, done } from './machine/define.ts';

export const bulkWorker = defineWorker({
  queue: bulk,
  concurrency: 2,
  handlers: {
    async plan({ operation: id, page, ...from }, item, context) {
      const operation = await must(id, ['planning'], context);
      const next = await planPage(operation, { page, ...from }, context);
      if (next) await goOn(planDraft(operation, page + 1, next), context);
      else await recordPlan(operation, item, context);
      return done;
    },

    async chunk({ operation: id, page: from, epoch }, item, context) {
      const operation = await must(id, anyStatus, context);
      if (operation.status !== 'running' || operation.epoch !== epoch) {
        await tidyPage(operation, from, context);
        throw new Refusal('superseded', `The operation is ${operation.status}, in epoch ${operation.epoch}.`);
      }
      const page = await nextOpen(operation, { from, step: lanes }, context);
      if (page !== undefined) {
        await runPage(operation, page, context);
        await goOn(chunkDraft(operation, page + lanes, epoch), context);
      } else await finishOperation(operation, item, context);
      return done;
    },

    async close({ operation: id, page: from }, item, context) {
      const operation = await must(id, ['cancelling'], context);
      const page = await nextOpen(operation, { from, step: 1 }, context);
      if (page !== undefined) {
        await closePage(operation, page, context);
        await goOn(closeDraft(operation, page + 1), context);
      } else await finishOperation(operation, item, context);
      return done;
    },
  },
});

async function must(id: string, statuses: readonly Operation['status'][], { models }: Context): Promise<Operation> {
  const operation = await models.operations.get(id);
  if (!operation) throw new Refusal('operation_not_found', `There is no operation ${id}.`);
  if (statuses.includes(operation.status)) return operation;
  throw new Refusal('superseded', `Operation ${id} is ${operation.status}.`);
}

/** The next page of a lane on which something is open. */
async function nextOpen(
  { _id, reopen, plan }: Operation,
  { from, step }: { from: number; step: number },
  { models }: Context,
): Promise<number | undefined> {
  for (let page = from; page < (plan?.pages ?? 0); page += step) {
    if (await models.bulkItems.isOpen(_id, page, reopen)) return page;
  }
  return undefined;
}

/** The next item takes over the slot of this one, which is about to be settled. */
async function goOn(draft: WorkDraft, { models, nudger, clock }: Context): Promise<void> {
  const next: WorkItem = openWork(draft, 'nudged', clock.now());
  await models.work.insertMany([next]);
  await nudger.nudge(next).catch(() => undefined);
}

/** Moves orders through the setup stages of their product: each command is decided by the workflow and written once. */
import { Refusal } from '../kernel/errors.ts';
import type { EffectDraft, WorkItem } from '../kernel/work.ts';
import type { Order } from '../models/order.ts';
import { draftsOf } from '../queues/effects.ts';
import { setup } from '../queues/setup.ts';
import type { OrderCommand } from '../workflows/commands.ts';
import { run } from '../workflows/run.ts';
import { apply, type Decision } from './apply.ts';
import { defineWorker } from './define.ts';

export const setupWorker = defineWorker({
  queue: setup,
  concurrency: 10,
  handlers: {
    async command({ order: id, command }, item, context) {
      const decide = (order: Order | undefined) => decideOrder(order, { command, item, at: context.business.now() });
      return apply({ stream: context.models.orders, id, item, action: command.type, decide }, context);
    },
  },
});

interface Asked {
  command: OrderCommand;
  item: WorkItem;
  at: Date;
}

function decideOrder(order: Order | undefined, { command, item, at }: Asked): Decision {
  if (!order && command.type !== 'create-order') throw new Refusal('order_not_found', 'There is no such order.');
  const { actor, agency, account, _id: work, reason, requestId } = item;
  const { state, events, effects } = run(order?.state, command, {
    actor,
    at,
    work,
    ...(reason !== undefined && { reason }),
  });
  const origin = { actor, cause: 'worker' as const, agency, account, ...(requestId && { requestId }) };
  const drafts: EffectDraft[] = draftsOf(effects, item.order ?? '', origin);
  return { set: { agency, account, state }, events: events.map((event) => ({ ...event })), effects: drafts };
}

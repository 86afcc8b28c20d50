/** What an account sees of its orders: where they stand in plain words, nothing of who works on them or of our notes. */
import { z } from 'zod';
import type { Order } from '../../models/order.ts';
import { workflowFor } from '../../workflows/index.ts';
import type { Explanation } from '../../workflows/telling/explain.ts';
import { isOver, type OrderState } from '../../workflows/words/state.ts';
import { iso, isoOrNone, time } from './wire.ts';

export const storeOrder = z
  .object({
    id: z.string(),
    account: z.string(),
    title: z.string(),
    product: z.string(),
    tier: z.string(),
    status: z.string(),
    onboarding: z.string(),
    stage: z.string().optional().describe('What is happening now, in words.'),
    percent: z.int(),
    waitingForYou: z.boolean(),
    createdAt: time,
    lastActivityAt: time,
    liveAt: time.optional(),
    links: z.object({ self: z.string(), timeline: z.string(), status: z.string() }),
  })
  .meta({ id: 'StoreOrder' });

export function viewOfStoreOrder({ _id, account, state }: Order): z.infer<typeof storeOrder> {
  const self = `/v1/store/orders/${_id}`;
  return {
    ...{ id: _id, account, title: state.title, product: state.product, tier: state.tier },
    ...{ status: state.status, onboarding: state.onboarding, stage: stageTitle(state, state.stage) },
    percent: percentOf(state),
    waitingForYou: state.holder === 'client',
    createdAt: iso(state.createdAt),
    lastActivityAt: iso(state.lastActivityAt),
    liveAt: isoOrNone(state.liveAt),
    links: { self, timeline: `${self}/timeline`, status: `${self}/status` },
  };
}

export const storeStatus = z
  .object({
    id: z.string(),
    status: z.string(),
    onboarding: z.string(),
    stage: z.string().optional(),
    percent: z.int(),
    waitingForYou: z.boolean(),
    blocker: z.string(),
    unblock: z.string(),
    since: time,
  })
  .meta({ id: 'StoreStatus' });

export function viewOfStatus(order: Order, { blocker, unblock, since }: Explanation): z.infer<typeof storeStatus> {
  const { id, status, onboarding, stage, percent, waitingForYou } = viewOfStoreOrder(order);
  return { id, status, onboarding, stage, percent, waitingForYou, blocker, unblock, since: iso(since) };
}

export function stageTitle({ product, workflowVersion }: OrderState, key: string | undefined): string | undefined {
  return workflowFor(product, workflowVersion).stages.find((stage) => stage.key === key)?.title ?? key;
}

const percentOf = ({ stages }: OrderState): number => Math.floor((100 * stages.filter(isOver).length) / stages.length);

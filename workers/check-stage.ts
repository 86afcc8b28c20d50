/** Looks at what a stage declares. It reads and looks, and changes nothing itself: the order decides what it means. */
import { Refusal } from '../kernel/errors.ts';
import type { checks } from '../queues/checks.ts';
import type { Payload } from '../queues/contract.ts';
import { done, type Handler } from './define.ts';
import { mustStillAsk } from './still-asked.ts';

export const checkStage: Handler<Payload<typeof checks, 'check'>> = async (asked, _item, { models }) => {
  const order = await models.orders.get(asked.order);
  if (!order) throw new Refusal('order_not_found', `There is no order ${asked.order}.`);
  mustStillAsk(order, asked);
  return done;
};

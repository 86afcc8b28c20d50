/**
 * What a letter says of an order must be so when it goes out. That an order is cancelled is not written once it goes on
 * again; and that it goes on, only to a client who was told otherwise.
 */
import { Refusal } from '../../kernel/errors.ts';
import type { Notification } from '../../models/notification.ts';
import type { Order } from '../../models/order.ts';
import { isClosed } from '../../workflows/words/state.ts';
import type { Context } from '../machine/context.ts';

/** Throws `superseded` where it is not. */
export async function mustBeTrue(template: string, order: Order, { models }: Context): Promise<void> {
  const { _id, state } = order;
  if (template === 'order-cancelled' && !isClosed(state) && isTakenBack(order)) {
    throw new Refusal('superseded', `Order ${_id} is ${state.status} by now, and not cancelled.`);
  }
  if (template !== 'cancellation-withdrawn') return;
  if (isClosed(state)) throw new Refusal('superseded', `Order ${_id} is ${state.status} by now.`);
  if (!isBelievedCancelled(await models.notifications.ofOrder(_id))) {
    throw new Refusal('superseded', `Nobody was told that order ${_id} is cancelled.`);
  }
}

/** Whoever took it back left that in the newest lines of the history. */
const isTakenBack = ({ history }: Order): boolean =>
  history.some(({ events }) => events.some(({ corrects }) => corrects === 'order-cancelled'));

/** The last that may have reached the client: of the two letters, the one of the cancellation. */
function isBelievedCancelled(log: readonly Notification[]): boolean {
  const told = log.filter(({ template, state }) => template in claims && mayHaveArrived.includes(state));
  return told.at(-1)?.template === 'order-cancelled';
}

const claims = { 'order-cancelled': true, 'cancellation-withdrawn': false };

const mayHaveArrived: readonly Notification['state'][] = ['sending', 'sent', 'unknown'];

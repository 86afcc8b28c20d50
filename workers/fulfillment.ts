/**
 * Has vendors do what they do better. The record comes first and its id is the key of every call, so that a call that may
 * have arrived can be made again; what can't be told apart any more goes to a person. An answer counts once, whichever
 * way and however often it comes.
 */
import { NotYet, Refusal } from '../kernel/errors.ts';
import { hashedId } from '../kernel/ids.ts';
import { minutes, seconds } from '../kernel/time.ts';
import type { Outcome, WorkItem } from '../kernel/work.ts';
import type { Dispatch } from '../models/dispatch.ts';
import { fulfillment } from '../queues/fulfillment.ts';
import { apply, type Decision } from './machine/apply.ts';
import type { Context } from './machine/context.ts';
import { defineWorker } from './machine/define.ts';
import {
  afterAnswer,
  afterCall,
  afterLateAnswer,
  afterPoll,
  type CallResult,
  firstState,
} from './vendors/dispatching.ts';
import { callVendor, pollVendor } from './vendors/vendor-call.ts';

/** How long an answer may be ahead of what it answers. */
const earlyFor = minutes(10);

export const fulfillmentWorker = defineWorker({
  queue: fulfillment,
  /** Calls mostly wait: slow vendors must not use up the places of quick ones. */
  concurrency: 100,
  handlers: {
    async dispatch({ order: orderId, stage, round, asked }, item, context) {
      const order = await context.models.orders.get(orderId);
      if (!order) throw new Refusal('order_not_found', `There is no order ${orderId}.`);
      const vendor = await context.models.vendors.serving(order.agency, order.state.product, stage);
      if (!vendor) return { status: 'done', result: { vendor: 'none' } };
      const id = hashedId('dispatch', item._id);
      const decide = (): Decision => firstState({ id, order, vendor, stage, round, asked, item }, context);
      return apply({ stream: context.models.dispatches, id, item, action: 'dispatch', decide }, context);
    },

    async call({ dispatch: id, attempt }, item, context, signal) {
      const read = await dispatchOf(id, context);
      const result = await unlessApplied(read, item, context, ['calling'], () => callVendor(read, context, signal));
      return change(read, { item, action: 'call' }, context, (now) =>
        afterCall(mustBe(now, ['calling']), { result: known(result), attempt, item }, context),
      );
    },

    async poll({ dispatch: id, attempt }, item, context, signal) {
      const read = await dispatchOf(id, context);
      const result = await unlessApplied(read, item, context, ['accepted'], () => pollVendor(read, context, signal));
      return change(read, { item, action: 'poll' }, context, (now) =>
        afterPoll(mustBe(now, ['accepted']), { result: known(result), attempt, item }, context),
      );
    },

    async answer({ vendor, dispatch: id, answer }, item, context) {
      const read = await context.models.dispatches.get(id);
      if (!read && isEarly(item, context)) throw new NotYet(`There is no dispatch ${id} yet.`, seconds(5));
      if (!read || read.vendor !== vendor) throw new Refusal('not_found', `${vendor} was never asked for ${id}.`);
      return change(read, { item, action: 'answer' }, context, (now) =>
        isAwaiting(now) ? afterAnswer(now, { answer, item }) : afterLateAnswer(now, { answer, item }),
      );
    },
  },
});

async function dispatchOf(id: string, { models }: Context): Promise<Dispatch> {
  const read = await models.dispatches.get(id);
  if (!read) throw new Refusal('not_found', `There is no dispatch ${id}.`);
  return read;
}

/** Nobody is called for an item that was applied, or when the dispatch has moved on. */
async function unlessApplied<T>(
  read: Dispatch,
  item: WorkItem,
  { models }: Context,
  at: Dispatch['status'][],
  ask: () => Promise<T>,
): Promise<T | undefined> {
  if (!at.includes(read.status) || (await models.dispatches.lineOf(read, item._id))) return undefined;
  return ask();
}

/** `rule` is given the dispatch as it is at the moment of writing. */
function change(
  { _id: id }: Dispatch,
  { item, action }: { item: WorkItem; action: string },
  context: Context,
  rule: (now: Dispatch) => Decision,
): Promise<Outcome> {
  const decide = (now: Dispatch | undefined): Decision => {
    if (!now) throw new Error(`Dispatch ${id} has gone.`);
    return rule(now);
  };
  return apply({ stream: context.models.dispatches, id, item, action, decide }, context);
}

const isAwaiting = ({ status }: Dispatch): boolean => ['calling', 'accepted', 'unknown'].includes(status);

function mustBe(now: Dispatch, statuses: Dispatch['status'][]): Dispatch {
  if (statuses.includes(now.status)) return now;
  throw new Refusal('superseded', `Dispatch ${now._id} is ${now.status} by now.`);
}

function known(result: CallResult | undefined): CallResult {
  if (!result) throw new Refusal('superseded', 'The dispatch has moved on.');
  return result;
}

const isEarly = ({ createdAt }: WorkItem, { clock }: Context): boolean =>
  clock.now().getTime() - createdAt.getTime() < earlyFor;

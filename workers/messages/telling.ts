/**
 * Who a reminder or a warning goes to, and whether now: looked up when it is about to go out, because people change and
 * matters move on. People are written to by day, where they are: clients only so often a day, staff not on Sundays. What
 * can't go now waits.
 */
import { NotYet, Refusal } from '../../kernel/errors.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Mailbox } from '../../models/agency.ts';
import type { Order } from '../../models/order.ts';
import type { Payload } from '../../queues/contract.ts';
import type { notifications } from '../../queues/notifications.ts';
import { isFormerClient, personOf, readerOf } from '../../workflows/gates/reader.ts';
import { stageOf } from '../../workflows/graph/paths.ts';
import { workflowFor } from '../../workflows/index.ts';
import { isStillWaitedFor } from '../../workflows/telling/ladders.ts';
import { standingOf } from '../../workflows/telling/page.ts';
import { firstZone } from '../../workflows/time/calendars.ts';
import { dayIn, wakingTime, workingTime } from '../../workflows/time/quiet-hours.ts';
import { stateOf } from '../../workflows/words/state.ts';
import { zoneOf } from '../accounts/place.ts';
import type { Context } from '../machine/context.ts';
import { mustStillAsk, renamed } from '../machine/still-asked.ts';

type Telling = Payload<typeof notifications, 'tell'>;
type Sending = Payload<typeof notifications, 'notify'>;

/** The mail as it is to go out now. Throws `superseded` when nobody needs it any more, NotYet when it has to wait. */
export async function letterFor(telling: Telling, item: WorkItem, context: Context): Promise<Sending> {
  const order = await context.models.orders.get(telling.order);
  if (!order) throw new Refusal('order_not_found', `There is no order ${telling.order}.`);
  const asked = renamed(order, telling);
  mustStillTell(order, asked);
  const { template, stage, round, to } = asked;
  const common = { template, order: order._id, stage, round, data: {} };
  if (to !== 'client') return { ...common, recipient: await responsibleNow(order, to, context) };
  const page = await pageFor(order, asked, context);
  await mustBeDay(page.recipient, item, context);
  return { ...common, ...page };
}

/** What goes to the client without a page goes to where the client is by now, however long it has waited. */
export async function followed(asked: Sending, { models }: Context): Promise<Sending> {
  if (asked.link !== undefined || asked.approval !== undefined) return asked;
  const state = (await models.orders.get(asked.order))?.state;
  return state && isFormerClient(state, asked.recipient) ? { ...asked, recipient: state.client } : asked;
}

function mustStillTell(order: Order, { stage, round, about }: Telling): void {
  mustStillAsk(order, { stage, round });
  if (about === undefined || isStillWaitedFor(order.state, { stage, round, about })) return;
  throw new Refusal('superseded', `Nobody waits for "${stage}" any more.`);
}

/** Where the client can do something about it: the same page as when they were asked, and whom it is for now. */
async function pageFor({ state }: Order, { stage: key }: Telling, { models }: Context) {
  const is = stateOf(state, key);
  const stage = stageOf(workflowFor(state.product, state.workflowVersion), key);
  const { page: kind } = stage.gateRules;
  if (!kind) return { recipient: state.client };
  const id = is[kind];
  const page = id && (kind === 'approval' ? await models.approvals.get(id) : await models.links.get(id));
  if (!page || standingOf(state, page) !== 'open') {
    throw new Refusal('superseded', `There is no page for "${key}" that could be answered.`);
  }
  const reader = is.reader && readerOf(stage, state, is);
  return { recipient: reader ? personOf(reader) : page.recipient, [kind]: page._id };
}

/** Where nobody leads the order, or they can't be reached, the agency itself. */
async function responsibleNow(order: Order, to: Telling['to'], { models, business }: Context): Promise<Mailbox> {
  const manager = to === 'manager' && order.state.manager ? await models.staff.get(order.state.manager) : null;
  const [agency, account] = await Promise.all([models.agencies.get(order.agency), models.accounts.get(order.account)]);
  if (!agency) throw new Error(`Agency ${order.agency} is missing.`);
  const now = business.now();
  const then = workingTime(now, firstZone(manager?.timeZone, agency.timeZone, account?.timeZone));
  if (then > now) throw new NotYet('The reader does not work now.', then.getTime() - now.getTime());
  return manager ? { name: manager.name, email: manager.email } : (agency.replyTo ?? agency.from);
}

async function mustBeDay({ email }: Mailbox, item: WorkItem, { models, business }: Context): Promise<void> {
  const account = await models.accounts.get(item.account);
  if (!account) throw new Error(`Account ${item.account} is missing.`);
  const now = business.now();
  const zone = await zoneOf(account, models);
  const morning = wakingTime(now, zone);
  if (morning > now) throw new NotYet("It is night in the reader's time zone.", morning.getTime() - now.getTime());
  const { date, nextMorning } = dayIn(now, zone);
  if (await models.reminderSlots.take({ email, date, work: item._id }, now)) return;
  throw new NotYet("The reader has already had today's reminders.", nextMorning.getTime() - now.getTime());
}

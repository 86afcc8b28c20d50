/**
 * Tells orders the facts of their account. Two ways lead to each order, and either may come first: the fact goes out to
 * the orders that are there, and an order that begins to listen or to wait asks once more. What is told has an id made of
 * the order, the fact and its number, so that both ways, and every repetition, tell it once.
 */
import { Refusal } from '../../kernel/errors.ts';
import { hashedId } from '../../kernel/ids.ts';
import { openWork, type WorkDraft } from '../../kernel/work.ts';
import type { Account } from '../../models/account.ts';
import type { Listener } from '../../models/order.ts';
import type { Payload } from '../../queues/contract.ts';
import { from } from '../../queues/from.ts';
import { setup } from '../../queues/setup.ts';
import { grantOfFact } from '../../workflows/accounts/names.ts';
import { workflowFor } from '../../workflows/index.ts';
import { factsOf } from '../../workflows/words/facts.ts';
import type { Context } from '../machine/context.ts';
import { done, type Handler } from '../machine/define.ts';
import { contactTelling } from './contact.ts';
import { calendarOfAccount, placeTelling } from './place.ts';

/** So many orders are told by one item; the next item goes on after the last of them. */
export const chunk = 500;

export const tellOrders: Handler<Payload<typeof setup, 'spread'>> = async (asked, item, context) => {
  const { account: id, fact, seq, after } = asked;
  const account = await context.models.accounts.get(id);
  if (!account || account.facts[fact]?.seq !== seq) {
    throw new Refusal('superseded', `"${fact}" of ${id} has another number than ${seq} by now.`);
  }
  const orders = await context.models.orders.openOf(id, after, chunk);
  const told = orders.filter((order) => listensTo(order).includes(fact));
  const last = orders.length === chunk ? orders.at(-1)?._id : undefined;
  const { actor, cause, agency } = item;
  const next = {
    _id: hashedId('fanout', id, fact, String(seq), last ?? ''),
    actor,
    cause,
    agency,
    account: item.account,
  };
  await place(
    [
      ...told.flatMap((order) => telling(account, fact, order)),
      ...(last ? [setup.draft('spread', { account: id, fact, seq, after: last }, next)] : []),
    ],
    context,
  );
  return done;
};

export const tellOrder: Handler<Payload<typeof setup, 'recheck'>> = async ({ order: id }, _item, context) => {
  const order = await context.models.orders.get(id);
  if (!order) throw new Refusal('order_not_found', `There is no order ${id}.`);
  const account = await context.models.accounts.get(order.account);
  if (!account) return done;
  const news = listensTo(order).filter(
    (fact) => (account.facts[fact]?.seq ?? 0) > (order.state.facts?.[fact]?.seq ?? 0),
  );
  const calendar = order.state.calendar && (await calendarOfAccount(order.account, context.models));
  await place(
    [
      ...news.flatMap((fact) => telling(account, fact, order)),
      ...contactTelling(order, account),
      ...(calendar ? placeTelling(order, account, calendar) : []),
    ],
    context,
  );
  return done;
};

const listensTo = ({ state }: Listener): string[] => factsOf(workflowFor(state.product, state.workflowVersion));

function telling({ facts, grants }: Account, fact: string, { _id: order, agency, account }: Listener): WorkDraft[] {
  const known = facts[fact];
  if (!known) return [];
  const { holds, seq } = known;
  const grant = grantOfFact(fact);
  const by = holds && grant ? grants[grant]?.attestation?.by : undefined;
  const command = { type: 'record-fact' as const, fact, holds, seq, ...(by !== undefined && { by }) };
  const _id = hashedId('fact', order, fact, String(seq));
  return [setup.draft('command', { order, command }, { ...from({ agency, account, order }), _id })];
}

/** They are ready, and the dispatcher takes them in turn: one fact may concern thousands of orders. */
export async function place(drafts: WorkDraft[], { models, clock }: Context): Promise<void> {
  await models.work.insertMany(drafts.map((draft) => openWork(draft, 'ready', clock.now())));
}

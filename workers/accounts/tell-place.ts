/**
 * Tells the open orders of an account that it is in another place: from now on they are worked on by the calendar of that
 * place. An order that was given its calendar by hand keeps it.
 */
import { Refusal } from '../../kernel/errors.ts';
import { hashedId } from '../../kernel/ids.ts';
import type { Payload } from '../../queues/contract.ts';
import { setup } from '../../queues/setup.ts';
import { done, type Handler } from '../machine/define.ts';
import { calendarOfAccount, placeTelling } from './place.ts';
import { chunk, place } from './tell-facts.ts';

export const tellPlace: Handler<Payload<typeof setup, 'spread-place'>> = async (asked, item, context) => {
  const { account: id, after } = asked;
  const account = await context.models.accounts.get(id);
  const calendar = await calendarOfAccount(id, context.models);
  if (!account || !calendar) throw new Refusal('account_not_found', 'Account not found.');
  const orders = await context.models.orders.openOf(id, after, chunk);
  const last = orders.length === chunk ? orders.at(-1)?._id : undefined;
  const { actor, cause, agency } = item;
  const next = { _id: hashedId('place', item._id, last ?? ''), actor, cause, agency, account: item.account };
  await place(
    [
      ...orders.flatMap((order) => placeTelling(order, account, calendar)),
      ...(last ? [setup.draft('spread-place', { account: id, after: last }, next)] : []),
    ],
    context,
  );
  return done;
};

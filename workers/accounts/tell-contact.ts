/**
 * Tells the open orders of an account that its contact is another, or has another address: those whose client the contact
 * was until then. An order that was told something else meanwhile, or has a client of its own, stays as it is.
 */
import { Refusal } from '../../kernel/errors.ts';
import { hashedId } from '../../kernel/ids.ts';
import type { Payload } from '../../queues/contract.ts';
import { setup } from '../../queues/setup.ts';
import type { Handler } from '../machine/define.ts';
import { done } from '../machine/define.ts';
import { contactTelling } from './contact.ts';
import { chunk, place } from './tell-facts.ts';

export const tellContact: Handler<Payload<typeof setup, 'spread-contact'>> = async (asked, item, context) => {
  const { account: id, after } = asked;
  const account = await context.models.accounts.get(id);
  if (!account) throw new Refusal('account_not_found', 'Account not found.');
  const orders = await context.models.orders.openOf(id, after, chunk);
  const last = orders.length === chunk ? orders.at(-1)?._id : undefined;
  const { actor, cause, agency } = item;
  const next = { _id: hashedId('contact', item._id, last ?? ''), actor, cause, agency, account: item.account };
  await place(
    [
      ...orders.flatMap((order) => contactTelling(order, account)),
      ...(last ? [setup.draft('spread-contact', { account: id, after: last }, next)] : []),
    ],
    context,
  );
  return done;
};

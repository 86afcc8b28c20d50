/**
 * Tells the open orders of an account that its contact is another, or has another address: those whose client the contact
 * was until then. An order that was told something else meanwhile, or has a client of its own, stays as it is.
 */
import { Refusal } from '../../kernel/errors.ts';
import { hashedId, hashOf } from '../../kernel/ids.ts';
import type { Payload } from '../../queues/contract.ts';
import { from } from '../../queues/from.ts';
import { setup } from '../../queues/setup.ts';
import { isOneOf } from '../../workflows/gates/reader.ts';
import type { Handler } from '../machine/define.ts';
import { done } from '../machine/define.ts';
import { chunk, place } from './tell-facts.ts';

export const tellContact: Handler<Payload<typeof setup, 'spread-contact'>> = async (asked, item, context) => {
  const { account: id, after } = asked;
  const account = await context.models.accounts.get(id);
  if (!account) throw new Refusal('account_not_found', 'Account not found.');
  const { contact, formerContacts: formerly = [] } = account;
  const command = { type: 'follow-contact' as const, client: contact, formerly };
  const news = hashOf(command);
  const orders = await context.models.orders.openOf(id, after, chunk);
  const told = orders.filter(({ state: { client } }) => isOneOf(formerly, client, contact));
  const last = orders.length === chunk ? orders.at(-1)?._id : undefined;
  const { actor, cause, agency } = item;
  const next = { _id: hashedId('contact', item._id, last ?? ''), actor, cause, agency, account: item.account };
  await place(
    [
      ...told.map(({ _id: order, ...whose }) =>
        setup.draft('command', { order, command }, { ...from({ ...whose, order }), _id: hashedId(news, order) }),
      ),
      ...(last ? [setup.draft('spread-contact', { account: id, after: last }, next)] : []),
    ],
    context,
  );
  return done;
};

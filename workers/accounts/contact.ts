/** What an order is told of its account's contact: nothing where the order has a client of its own, or knows already. */
import { hashedId, hashOf } from '../../kernel/ids.ts';
import type { WorkDraft } from '../../kernel/work.ts';
import type { Account } from '../../models/account.ts';
import type { Listener } from '../../models/order.ts';
import { from } from '../../queues/from.ts';
import { setup } from '../../queues/setup.ts';
import { isOneOf } from '../../workflows/gates/reader.ts';

/** The id is made of the news and the order, so that it is told once, whichever way it comes. */
export function contactTelling(
  { _id: order, state: { client }, ...whose }: Listener,
  { contact, formerContacts: formerly = [] }: Account,
): WorkDraft[] {
  if (!isOneOf(formerly, client, contact)) return [];
  const command = { type: 'follow-contact' as const, client: contact, formerly };
  const _id = hashedId(hashOf(command), order);
  return [setup.draft('command', { order, command }, { ...from({ ...whose, order }), _id })];
}

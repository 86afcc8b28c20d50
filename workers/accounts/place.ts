/**
 * The place of an account: its country, region and time zone, and the agency's time zone where it has none of its own.
 * It decides by which calendar orders of the account work, and when its people are written to.
 */
import { hashedId } from '../../kernel/ids.ts';
import type { WorkDraft } from '../../kernel/work.ts';
import type { Account } from '../../models/account.ts';
import type { Models } from '../../models/open.ts';
import type { Listener } from '../../models/order.ts';
import { from } from '../../queues/from.ts';
import { setup } from '../../queues/setup.ts';
import { type CalendarName, calendarNames, calendarOfPlace, firstZone } from '../../workflows/time/calendars.ts';

type Stores = Pick<Models, 'accounts' | 'agencies'>;

export async function calendarOfAccount(id: string, models: Stores): Promise<CalendarName | undefined> {
  const account = await models.accounts.get(id);
  if (!account) return undefined;
  const { country, region } = account;
  return calendarOfPlace({ country, region, timeZone: await zoneOf(account, models) });
}

/** Where its people are. */
export async function zoneOf({ agency, timeZone }: Account, { agencies }: Stores): Promise<string> {
  return firstZone(timeZone, (await agencies.get(agency))?.timeZone);
}

/** The number is the account's version, so that an older place never comes after a newer one. */
export function placeTelling(
  { _id: order, state, ...whose }: Listener,
  { version: seq }: Account,
  calendar: CalendarName,
): WorkDraft[] {
  const { calendar: known } = state;
  const isByHand = calendarNames.some((name) => name === known);
  if (known === calendar || isByHand) return [];
  const command = { type: 'follow-place' as const, calendar, seq };
  const _id = hashedId('place', order, calendar, String(seq));
  return [setup.draft('command', { order, command }, { ...from({ ...whose, order }), _id })];
}

/**
 * The place of an account: its country, region and time zone, and the agency's time zone where it has none of its own.
 * It decides by which calendar orders of the account work, and when its people are written to.
 */
import type { Account } from '../../models/account.ts';
import type { Models } from '../../models/open.ts';
import { type CalendarName, calendarOfPlace, firstZone } from '../../workflows/time/calendars.ts';

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

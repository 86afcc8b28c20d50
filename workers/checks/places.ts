/** How many looks there are at a time, and how many of them one account, one agency or one host may keep waiting. */
import { parseUrl } from '../../kernel/urls.ts';
import type { Look } from '../../workflows/words/looks.ts';
import { bulkhead } from '../machine/bulkhead.ts';

export const places = 20;

export const inShare = bulkhead({ account: 4, agency: 10, host: 4 });

/** The host of an address with its port: two servers of one machine may well be two people's. */
export const hostsAt = (...urls: string[]): string[] => urls.flatMap((url) => parseUrl(url)?.host ?? []);

/** Where a look goes to. Name servers are not asked for here: what keeps them waiting is the account's alone. */
export function hostsOf(look: Look): string[] {
  if ('url' in look) return hostsAt(look.url);
  return look.look === 'certificate' ? hostsAt(`https://${look.host}`) : [];
}

/** What the demo says when everything has been played and keeps running: the README's five things, with addresses. */
import type { Part } from './part.ts';

export interface Offer {
  url: string;
  mails: string;
  key: string;
  /** A key that sees the orders of one account only. */
  client: string;
  logs: string;
  parts: Part[];
  /** Every process that was started, with its pid. */
  processes: (readonly [name: string, pid: number | undefined])[];
}

export function invitation({ url, mails, key, client, logs, parts, processes }: Offer): string {
  const made = parts.filter(({ id }) => id !== undefined);
  const live = made.find(({ seen }) => seen?.status === 'live') ?? made[0];
  const waiting = made.find(({ seen }) => seen?.status !== 'live') ?? live;
  const curl = `curl -s -H 'Authorization: Bearer ${key}' ${url}`;
  return `
Everything keeps running; Ctrl-C ends it and leaves nothing behind. Five things to look at:

  1. The mailbox: what clients were sent, with working links
       ${mails}
  2. The API reference: paste the key, then try any example as it stands
       ${url}/docs
  3. The queues: sign in with the key
       ${url}/admin/queues
  4. One order's whole story: what happened to one, and what another waits for, and for whom
       ${curl}/v1/store/orders/${live?.id}/timeline
       ${curl}/v1/admin/orders/${waiting?.id}/setup-progress
  5. kill -9 any process: it comes back, and nothing is lost or done twice
       ${processes.map(([name, pid]) => `${name} ${pid ?? '(being started)'}`).join(', ')}

  Key   ${key}
  Key of one client, Riverside Dental
        ${client}
  Enter moves the business time on by half a day: what is due by then happens
  Logs  ${logs}
`;
}

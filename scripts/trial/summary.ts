/** What came of the orders: the line for machines, and the sentences for people. */
import type { Mailbox } from './mailbox.ts';
import type { Ending } from './play.ts';

export interface Summary {
  orders: number;
  live: number;
  waiting: number;
  mails: number;
  duplicates: number;
  database: string;
  seconds: number;
}

export interface Played {
  endings: Ending[];
  mailbox: Mailbox;
  database: string;
  seconds: number;
}

/** `orders` are those that were accepted; `waiting` those of them that are not live. */
export function summarise({ endings, mailbox, database, seconds }: Played): Summary {
  const orders = endings.filter(({ id }) => id !== undefined);
  const live = orders.filter(({ status }) => status === 'live').length;
  return {
    orders: orders.length,
    live,
    waiting: orders.length - live,
    mails: mailbox.mails.length,
    duplicates: mailbox.duplicates(),
    database,
    seconds: Math.round(seconds * 10) / 10,
  };
}

/** Orders that did not end where the examples intend, as sentences. */
export function surprises(endings: Ending[]): string[] {
  return endings
    .filter((ending) => !isMeant(ending))
    .map(({ order, status, onboarding }) => {
      const is = onboarding === undefined || status === 'live' ? status : `${status} (${onboarding})`;
      return `${order.title} is ${is}; it was meant to be ${order.ends}.`;
    });
}

/** Two orders may both be in onboarding, and only one of them with a client who does not answer. */
function isMeant({ order, id, status, onboarding }: Ending): boolean {
  if (order.ends === 'refused') return id === undefined;
  if (order.ends === 'live') return status === 'live';
  return status === 'onboarding' && onboarding === (order.ends === 'waiting' ? 'sent' : 'needs_revision');
}

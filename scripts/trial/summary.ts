/** What came of the orders: the line for machines, and the sentences for people. */
import type { Figures } from './figures.ts';
import type { Mailbox } from './mailbox.ts';
import { isThere, type Part } from './part.ts';
import { toBeSeen } from './scenes.ts';

export interface Summary extends Figures {
  orders: number;
  live: number;
  waiting: number;
  /** Links that died when their reader's address was corrected. */
  deadLinks: number;
  /** Products of which an order is live. */
  products: number;
  mails: number;
  duplicates: number;
  /** That passed on the demo's clock. */
  businessDays: number;
  database: string;
  seconds: number;
}

export interface Played {
  parts: Part[];
  figures: Figures;
  mailbox: Mailbox;
  businessDays: number;
  database: string;
  seconds: number;
}

/** `orders` are those that were accepted; `waiting` those of them that are not live. */
export function summarise({ parts, figures, mailbox, businessDays, database, seconds }: Played): Summary {
  const orders = parts.filter(({ id }) => id !== undefined);
  const live = orders.filter(({ seen }) => seen?.status === 'live');
  return {
    orders: orders.length,
    live: live.length,
    waiting: orders.length - live.length,
    deadLinks: parts.filter(({ saw }) => saw.has('oldLinkDied')).length,
    products: new Set(live.map(({ order }) => order.product)).size,
    ...figures,
    mails: mailbox.mails.length,
    duplicates: mailbox.duplicates(),
    businessDays,
    database,
    seconds: Math.round(seconds * 10) / 10,
  };
}

/** Orders that did not end where the examples intend, or not by the way that they intend, as sentences. */
export const surprises = (parts: Part[]): string[] => [...wrongEnds(parts), ...wrongWays(parts)];

function wrongWays(parts: Part[]): string[] {
  return parts.flatMap(({ order, saw }) => {
    const unseen = (toBeSeen[order.story] ?? []).filter((what) => !saw.has(what));
    return unseen.length > 0 ? [`${order.title} (${order.story}) lacks: ${unseen.join(', ')}.`] : [];
  });
}

function wrongEnds(parts: Part[]): string[] {
  return parts
    .filter((part) => !isThere(part) || isRefused(part) !== (part.order.ends === 'refused'))
    .map(({ order, seen, refused }) => {
      const status = refused ?? seen?.status ?? 'not there';
      const is = !seen || status === 'live' ? status : `${status} (${seen.onboarding})`;
      return `${order.title} is ${is}; it was meant to be ${order.ends}.`;
    });
}

const isRefused = ({ refused }: Part): boolean => refused !== undefined;

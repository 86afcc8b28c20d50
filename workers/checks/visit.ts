/**
 * The outside as one check sees it: each page is read once, however many looks go by it, and what kept somebody from an
 * answer is told apart. An address that is not allowed, or that can't show who it is, is an answer; silence is none.
 */
import { clip } from '../../kernel/clip.ts';
import { retryAfter } from '../../kernel/retry-after.ts';
import { days, systemClock } from '../../kernel/time.ts';
import { NoDnsAnswer } from '../../runtime/dns.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import { AddressRefused, BadCertificate, NoAnswer } from '../../runtime/no-answer.ts';
import type { Page } from '../../runtime/page.ts';
import type { Looked } from '../../workflows/words/looks.ts';
import type { Context } from '../machine/context.ts';
import { ask, type Question, Unreadable } from './reading.ts';

export type Sight = Pick<Looked, 'verdict' | 'found'> & { facts?: Looked['facts'] };

export const holds = (found: string, facts?: Looked['facts']): Sight => ({
  verdict: 'holds',
  found,
  ...(facts && { facts }),
});
export const fails = (found: string): Sight => ({ verdict: 'fails', found });
export const untold = (found: string): Sight => ({ verdict: 'unknown', found });

export interface Visit {
  page(url: string): Promise<Page>;
  /** The page, or why there is none that can be read: then the sight of it. */
  read(url: string): Promise<{ page: Page } | { sight: Sight }>;
  /** Asks a text from outside, within the time of the visit. */
  ask: typeof ask;
  certificate(host: string): Promise<Date>;
  dns: Context['dns'];
  /** How long a site that was visited wants to be left alone, in ms. */
  wait(): number | undefined;
}

const strict = httpGuard();

export function beginVisit({ outside = strict, dns, clock = systemClock }: Context, signal: AbortSignal): Visit {
  const pages = new Map<string, Promise<Page>>();
  const waits: number[] = [];
  const fetched = async (url: string): Promise<Page> => {
    const found = await outside.page(url, signal);
    if (isPutOff(found)) waits.push(retryAfter(found.headers['retry-after'], { now: clock.now(), most: days(1) }) ?? 0);
    return found;
  };
  const page = (url: string): Promise<Page> => {
    const known = pages.get(url) ?? fetched(url);
    pages.set(url, known);
    return known;
  };
  return {
    ...{ page, dns, certificate: (host) => outside.certificate(host, signal) },
    async read(url) {
      const found = await page(url);
      const unfit = unfitness(found);
      return unfit ? { sight: unfit } : { page: found };
    },
    wait: () => Math.max(0, ...waits) || undefined,
    ask: <Q extends Question>(question: Q, input: Parameters<typeof ask<Q>>[1]) => ask(question, input, signal),
  };
}

/** What an error says of the world; a fault of ours says nothing of it and goes on. */
export function sightOf(error: unknown): Sight {
  if (error instanceof AddressRefused || error instanceof BadCertificate) return fails(plain(error.message));
  if (error instanceof NoAnswer || error instanceof NoDnsAnswer || error instanceof Unreadable)
    return untold(plain(error.message));
  throw error;
}

/** The status of a page that is none; that we are asked to come later says nothing of the page. */
export const statusSight = (page: Page): Sight => {
  const { status, redirects } = page;
  const words = `the answer is ${status}${redirects > 0 ? ` after ${redirects} ${redirects === 1 ? 'redirect' : 'redirects'}` : ''}`;
  return isPutOff(page) ? untold(words) : fails(words);
};

const isPutOff = ({ status, headers }: Page): boolean =>
  status === 429 || (status === 503 && headers['retry-after'] !== undefined);

function unfitness(page: Page): Sight | undefined {
  if (page.status !== 200) return statusSight(page);
  const type = String(page.headers['content-type'] ?? 'text/html');
  return /html|xml/i.test(type) ? undefined : fails(`it is no page but ${clip(type, 80)}`);
}

const plain = (message: string): string => clip(message.replace(/\.$/, ''), 400);

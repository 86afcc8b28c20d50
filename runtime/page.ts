/**
 * Reads the page that an address leads to. Redirects are followed here, one hop after the other, so that each goes through
 * the guard like the first; at most three, and what comes then is the answer, redirect or not.
 */
import { parseUrl } from '../kernel/urls.ts';

/** What came back, as far as it was read. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  isCut: boolean;
}

export interface Page {
  /** Where the redirects led to. */
  url: string;
  status: number;
  /** How many redirects were followed. */
  redirects: number;
  headers: Answer['headers'];
  /** Its text; empty where it is no text. */
  body: string;
  /** There was more than is read. */
  isCut: boolean;
}

const mostRedirects = 3;

export async function readPage(begin: string, get: (url: string) => Promise<Answer>): Promise<Page> {
  let url = begin;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await get(url);
    const next = redirects < mostRedirects ? leadsTo(answer, url) : undefined;
    if (next === undefined) return { url, redirects, ...textOf(answer) };
    url = next;
  }
}

function leadsTo({ status, headers: { location } }: Answer, from: string): string | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string') return undefined;
  const next = parseUrl(location, from);
  if (!next) return undefined;
  next.hash = '';
  return next.href;
}

function textOf({ status, headers, bytes, isCut }: Answer): Omit<Page, 'url' | 'redirects'> {
  const type = headers['content-type'];
  const encoding = headers['content-encoding'];
  const isPacked = encoding !== undefined && encoding !== 'identity';
  const isText = typeof type !== 'string' || /^(text\/|application\/([a-z.+-]*\+)?(xml|json|xhtml))/i.test(type);
  const body = isText && !isPacked ? decoderFor(type).decode(bytes) : '';
  return { status, headers, body, isCut: isCut || (isText && isPacked) };
}

function decoderFor(type: string | string[] | undefined): { decode: (bytes: Buffer) => string } {
  const charset = /charset="?([\w-]+)/i.exec(String(type ?? ''))?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

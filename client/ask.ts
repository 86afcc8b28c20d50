/**
 * One request to the service, tried again while it cannot be reached or says "not now". Repeating is safe: reading
 * changes nothing, and what changes something carries a key or a version.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { retryAfter } from '../kernel/retry-after.ts';
import { minutes, systemClock } from '../kernel/time.ts';
import { OrderworksProblem, problemIn } from './problem.ts';

export interface AskOptions {
  url: string;
  key: string;
  /** How often a request is tried when the service cannot be reached or says 429 or 503. */
  attempts?: number;
}

interface Request {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Answer<T> {
  body: T;
  headers: Headers;
}

export type Ask = <T>(path: string, request?: Request) => Promise<Answer<T>>;

export function createAsk({ url, key, attempts = 4 }: AskOptions): Ask {
  const base = url.replace(/\/$/, '');

  return async function ask<T>(path: string, init: Request = {}): Promise<Answer<T>> {
    const { method = 'GET', body } = init;
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { authorization: `Bearer ${key}`, ...type, ...init.headers };
    const request = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(`${base}${path}`, request).catch((error: Error) => error);
      const fault = answer instanceof Error ? answer : await problemIn(answer);
      if (!fault) return { body: await contentOf<T>(answer as Response), headers: (answer as Response).headers };
      if (attempt >= attempts || (fault instanceof OrderworksProblem && !fault.retryable)) throw fault;
      await pause(waitFor(answer, attempt));
    }
  };
}

/** JSON as what it says; anything else, such as CSV, as text. */
async function contentOf<T>(answer: Response): Promise<T> {
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return (isJson ? await answer.json() : await answer.text()) as T;
}

const longestWait = minutes(1);

/** As long as the service says, else twice as long each time. */
function waitFor(answer: Response | Error, attempt: number): number {
  const said = answer instanceof Error ? null : answer.headers.get('retry-after');
  return retryAfter(said, { now: systemClock.now(), most: longestWait }) ?? 200 * 2 ** attempt;
}

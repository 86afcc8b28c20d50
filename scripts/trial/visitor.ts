/**
 * Asks over HTTP, as a client or a member of staff would who simply tries again when a page does not load. Nothing is
 * sent twice with a second effect: what changes something carries an Idempotency-Key or is keyed by its link.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { settleWithin } from '../../kernel/deadline.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: unknown;
}

export interface Request {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

const patience = 90_000;
const pause = 250;
const timeout = 10_000;

/** The first answer that is not a fault: refusals are answers, no connection, 429 and 5xx are tried again. */
export async function ask(url: string, request: Request = {}): Promise<Answer> {
  const deadline = performance.now() + patience;
  let last: unknown;
  while (performance.now() < deadline) {
    const answer = await once(url, request).catch((error: unknown) => {
      last = error;
      return undefined;
    });
    if (answer && answer.status < 500 && answer.status !== 429) return answer;
    last = answer ? `${answer.status} ${answer.text.slice(0, 300)}` : last;
    await delay(pause);
  }
  throw new Error(
    `${request.method ?? 'GET'} ${new URL(url).pathname.split('/').slice(0, 3).join('/')} had no answer.`,
    {
      cause: last,
    },
  );
}

async function once(url: string, { method = 'GET', headers = {}, body }: Request): Promise<Answer> {
  const { response, text } = await settleWithin(timeout, async (signal) => {
    const given = { method, headers, signal, redirect: 'follow' as const, ...(body !== undefined && { body }) };
    const answer = await fetch(url, given);
    return { response: answer, text: await answer.text() };
  });
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text ? JSON.parse(text) : undefined,
  };
}

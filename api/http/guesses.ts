/**
 * Wrong keys, links, sessions and signatures. They are counted by address, and for all addresses together; beyond the
 * limit a guess is answered with 429 instead of what was wrong with it. Nothing is refused before it was looked at: a good
 * key, link or session passes, whoever shares its address. API processes count together in Redis, and each for itself
 * while Redis is away or slow.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { seconds } from '../../kernel/time.ts';
import { html } from '../pages/html.ts';
import { wantsPage, writePage } from '../pages/page.ts';
import { addressOf, isProvenLater, type Limits, tooMany, window } from './limits.ts';
import { problemOf } from './problems.ts';

export interface SharedCounts {
  connection: Redis;
  prefix: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whoever asks holds a link that was good once: what is answered with 404 is no guess. */
    isProven: boolean;
  }
}

/** Guesses of all addresses together, in those of one. */
const addressesAtOnce = 20;

/** How long an answer waits for Redis, and how long Redis is left alone after it was too slow. */
const patience = 250;
const rest = seconds(5);

interface Counted {
  isOver: boolean;
  ttl: number;
}
type Count = (request: FastifyRequest) => Promise<Counted>;

/** Register before the routes. */
export async function limitGuesses(app: FastifyInstance, limits: Limits, shared?: SharedCounts): Promise<void> {
  app.decorateRequest('isProven', false);
  const count = await counting(app, limits, shared);
  app.addHook('onSend', async (request, reply, payload) => {
    if (!isGuess(request, reply)) return payload;
    const { isOver, ttl } = await count(request);
    return isOver ? refusalTo({ request, reply }, ttl) : payload;
  });
}

function isGuess(request: FastifyRequest, { statusCode }: FastifyReply): boolean {
  const { headers, routeOptions } = request;
  if (statusCode === 404) return !request.isProven && routeOptions.url?.endsWith('/:token') === true;
  if (statusCode !== 401) return false;
  return headers.authorization !== undefined || /\bow_session=/.test(headers.cookie ?? '') || isProvenLater(request);
}

function refusalTo({ request, reply }: { request: FastifyRequest; reply: FastifyReply }, ttl: number): string {
  const wait = Math.ceil(ttl / 1_000);
  const refusal = tooMany('Too many wrong keys or links.', ttl);
  reply.header('retry-after', String(wait)).removeHeader('www-authenticate');
  if (wantsPage(request.headers.accept)) {
    const content = html`<h1>Please wait a moment</h1>
<p class="lead">Too many wrong keys or links came from your network. Please try again in ${wait} seconds.</p>`;
    return writePage(reply, { title: 'Please wait a moment', status: refusal.status, content });
  }
  reply.code(refusal.status).type('application/problem+json');
  return JSON.stringify(problemOf(refusal, request.id));
}

/** Counts here and, where there is Redis, together with the other processes. */
async function counting(app: FastifyInstance, limits: Limits, shared: SharedCounts | undefined): Promise<Count> {
  const here = await countIn(app, limits, {});
  if (!shared) return here;
  const { connection: redis, prefix } = shared;
  const together = await countIn(app, limits, { redis, nameSpace: `${prefix}:guesses:` });
  let restsUntil = 0;
  return async (request) => {
    const own = await here(request);
    if (redis.status !== 'ready' || performance.now() < restsUntil) return own;
    const found = await withinPatience(together(request));
    if (!found) restsUntil = performance.now() + rest;
    return found ?? own;
  };
}

/** A scope of its own: the library keeps one store for each scope that it is registered in. */
async function countIn(
  app: FastifyInstance,
  { guesses }: Limits,
  store: { redis?: Redis; nameSpace?: string },
): Promise<Count> {
  let count: Count | undefined;
  await app.register(async (scope) => {
    await scope.register(rateLimit, { ...store, global: false, timeWindow: window, cache: 20_000, max: guesses });
    const ofAddress = scope.createRateLimit({ max: guesses, keyGenerator: addressOf });
    const ofAll = scope.createRateLimit({ max: guesses * addressesAtOnce, keyGenerator: () => 'all' });
    count = async (request) => {
      const found = await Promise.all([ofAddress(request), ofAll(request)]);
      const over = found.flatMap((one) => (!one.isAllowed && one.isExceeded ? [one.ttl] : []));
      return { isOver: over.length > 0, ttl: Math.max(0, ...over) };
    };
  });
  if (!count) throw new Error('The limit of guesses was not set up.');
  return count;
}

/** Undefined when the answer does not come soon, or is an error. */
function withinPatience(answer: Promise<Counted>): Promise<Counted | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patience, undefined);
    answer.then(resolve, () => resolve(undefined)).finally(() => clearTimeout(timer));
  });
}

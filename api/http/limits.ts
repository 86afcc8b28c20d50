/**
 * How much one caller may ask in a minute: so many requests for each key that was found good, for each link, and for each
 * address without either; and so many for all addresses together, however many there are. Counted in this process, so that
 * it works without Redis. Health probes are counted nowhere; what proves itself later than here is not refused for its
 * address, but guesses are (guesses.ts).
 */
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../kernel/errors.ts';
import { sha256 } from '../../kernel/ids.ts';
import { minutes } from '../../kernel/time.ts';

export interface Limits {
  /** Requests a minute. */
  requests: number;
  /** Wrong keys, links, sessions and signatures a minute, from one address. */
  guesses: number;
}

export const usualLimits: Limits = { requests: 1_200, guesses: 30 };

export const window = minutes(1);

/** So many addresses may ask as much as they like at once; beyond that they share. */
const addressesAtOnce = 10;

/** Register before the routes, and after those who ask have been found. */
export async function limitRequests(app: FastifyInstance, { requests }: Limits): Promise<void> {
  await app.register(rateLimit, {
    max: requests,
    timeWindow: window,
    cache: 20_000,
    keyGenerator: countedAs,
    allowList: (request) => isProbe(request) || (isProvenLater(request) && !tokenIn(request)),
    errorResponseBuilder: (_request, { ttl }) => tooMany(`At most ${requests} requests a minute are allowed.`, ttl),
  });
  const together = app.createRateLimit({ max: requests * addressesAtOnce, keyGenerator: () => 'all' });
  app.addHook('onRequest', async (request, reply) => {
    if (request.caller || isProbe(request) || isProvenLater(request)) return;
    const counted = await together(request);
    if (counted.isAllowed || !counted.isExceeded) return;
    reply.header('retry-after', String(counted.ttlInSeconds));
    throw tooMany('Too many requests without a key from all addresses together.', counted.ttl);
  });
  app.addHook('onSend', async (_request, reply) => renameHeaders(reply, requests));
}

function countedAs(request: FastifyRequest): string {
  if (request.caller) return `key:${request.caller.actor.id}`;
  const token = tokenIn(request);
  return token === undefined ? addressOf(request) : `link:${sha256(token)}`;
}

/** An address of version 6 stands for its /64: whoever has one has all of them. */
export const addressOf = ({ ip }: FastifyRequest): string => normalizeIP(ip);

export const tooMany = (why: string, ttl: number): Refusal =>
  new Refusal('too_many_requests', `${why} Wait ${Math.ceil(ttl / 1_000)} s.`);

/** Routes whose callers prove who they are by what the handler looks at. */
export const isProvenLater = ({ routeOptions: { url = '' } }: FastifyRequest): boolean =>
  url.endsWith('/:token') || url === '/v1/callbacks/:vendor' || url === '/admin/sign-in';

const tokenIn = ({ routeOptions, params }: FastifyRequest): string | undefined =>
  routeOptions.url?.endsWith('/:token') ? (params as { token?: string }).token : undefined;

const isProbe = ({ routeOptions }: FastifyRequest): boolean => routeOptions.url?.startsWith('/health/') === true;

/** The library still speaks an older draft; this is the pair of draft 10. */
function renameHeaders(reply: FastifyReply, requests: number): void {
  const remaining = reply.getHeader('x-ratelimit-remaining');
  const reset = reply.getHeader('x-ratelimit-reset');
  if (remaining === undefined) return;
  for (const name of ['limit', 'remaining', 'reset']) reply.removeHeader(`x-ratelimit-${name}`);
  reply.header('ratelimit-policy', `"default";q=${requests};w=${window / 1_000}`);
  reply.header('ratelimit', `"default";r=${String(remaining)};t=${String(reset)}`);
}

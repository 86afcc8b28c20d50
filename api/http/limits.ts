/**
 * How much one caller may ask, counted in this process, so that it works without Redis: so many requests a minute for
 * each key that was found good (for each address without one), and few wrong keys and tokens for each address. A key that
 * is only claimed counts for nothing, so that nobody can use up another's share. Health probes are counted nowhere.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../kernel/errors.ts';
import { type Clock, minutes } from '../../kernel/time.ts';

export interface Limits {
  /** Requests a minute. */
  requests: number;
  /** Wrong keys or tokens a minute. */
  guesses: number;
}

export const usualLimits: Limits = { requests: 1_200, guesses: 30 };

const window = minutes(1);

/** Register before the routes. */
export async function limitRequests(app: FastifyInstance, { requests }: Limits): Promise<void> {
  await app.register(rateLimit, {
    max: requests,
    timeWindow: window,
    cache: 20_000,
    keyGenerator: ({ caller, ip }) => caller?.actor.id ?? ip,
    allowList: isProbe,
    errorResponseBuilder: (_request, { ttl }) =>
      new Refusal(
        'too_many_requests',
        `At most ${requests} requests a minute are allowed. Wait ${Math.ceil(ttl / 1_000)} s.`,
      ),
  });
  app.addHook('onSend', async (_request, reply) => renameHeaders(reply, requests));
}

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

/** Counts wrong keys and tokens by address; beyond the limit the address is refused before anything is looked up. */
export function limitGuesses(app: FastifyInstance, { guesses }: Limits, clock: Clock): void {
  const wrong = new Map<string, { count: number; until: number }>();
  const isGuess = ({ statusCode }: FastifyReply, { routeOptions, headers }: FastifyRequest) =>
    (statusCode === 401 && (headers.authorization !== undefined || routeOptions.url === '/admin/sign-in')) ||
    (statusCode === 404 && routeOptions.url?.endsWith('/:token') === true);

  app.addHook('onRequest', async (request, reply) => {
    const found = isProbe(request) ? undefined : wrong.get(request.ip);
    const now = clock.now().getTime();
    if (!found || found.count < guesses || found.until <= now) return;
    const seconds = Math.ceil((found.until - now) / 1_000);
    reply.header('retry-after', String(seconds));
    throw new Refusal('too_many_requests', `Too many wrong keys or links. Wait ${seconds} s.`);
  });

  app.addHook('onResponse', async (request, reply) => {
    if (!isGuess(reply, request)) return;
    const now = clock.now().getTime();
    const found = wrong.get(request.ip);
    if (found && found.until > now) found.count += 1;
    else remember(request.ip, now);
  });

  function remember(ip: string, now: number): void {
    if (wrong.size >= 20_000) for (const [known, { until }] of wrong) if (until <= now) wrong.delete(known);
    if (wrong.size < 20_000) wrong.set(ip, { count: 1, until: now + window });
  }
}

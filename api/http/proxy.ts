/** Says so when a proxy forwards requests and nobody told whom to believe: then all clients count as one address. */
import type { FastifyInstance } from 'fastify';
import type { Log } from '../../runtime/log.ts';

const cure =
  'All clients count as the address of the proxy. Set TRUST_PROXY to the addresses of the proxy, such as 10.0.0.0/8.';

/** Told once in the life of a process. */
export function watchForProxies(app: FastifyInstance, trusted: TrustedProxies | undefined, log: Log): void {
  if (isTrusting(trusted)) return;
  let hasWarned = false;
  app.addHook('onRequest', async ({ headers }) => {
    if (hasWarned || (headers['x-forwarded-for'] === undefined && headers['forwarded'] === undefined)) return;
    hasWarned = true;
    log.warn(`A proxy forwards requests, but TRUST_PROXY is not set. ${cure}`);
  });
}

/** Whose X-Forwarded headers are believed: so many hops, or these addresses. */
export type TrustedProxies = number | readonly string[];

const isTrusting = (proxies: TrustedProxies = 0): boolean =>
  typeof proxies === 'number' ? proxies > 0 : proxies.length > 0;

/** The API itself speaks no TLS, so that a public address with https is a proxy's. */
export function warnAtStart(
  { publicUrl, trustProxy }: { publicUrl: string; trustProxy: TrustedProxies },
  log: Log,
): void {
  if (isTrusting(trustProxy) || !publicUrl.startsWith('https:')) return;
  log.warn(`PUBLIC_URL is https, so that a proxy stands in front, but TRUST_PROXY is not set. ${cure}`);
}

/** Forms that sign somebody in or out are only taken from our own pages: another site could sign a browser in as itself. */
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../kernel/errors.ts';
import { parseUrl } from '../../kernel/urls.ts';

/** Throws `forbidden`. A program, which says neither where it comes from nor that it is a browser, is let through. */
export function requireSameSite({ headers, protocol, host }: FastifyRequest, publicUrl?: string): void {
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  const own = [publicUrl, `${protocol}://${host}`].map((url) => url && parseUrl(url)?.origin);
  const isOurs =
    site === undefined ? origin === undefined || own.includes(origin) : site === 'same-origin' || site === 'none';
  if (!isOurs) throw new Refusal('forbidden', 'This form must be sent from our own page. Open the page and try again.');
}

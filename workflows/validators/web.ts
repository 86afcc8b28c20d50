/**
 * Domains and addresses on the web. Only their form is judged here; whether a page answers is for a check that may go
 * out, with a guard. A domain is stored as its host name in punycode, without `www.`.
 */

import { parse } from 'tldts';
import { z } from 'zod';
import { parseUrl } from '../../kernel/urls.ts';

const hostPattern = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** The host in an address or a bare domain, lower-case and in punycode; the text itself when it is neither. */
function hostOf(text: string): string {
  const bare = text.trim().replace(/^[a-z]+:\/\//i, '');
  if (bare === '' || /\s|@/.test(bare)) return bare;
  return (
    parseUrl(`http://${bare}`)
      ?.hostname.replace(/^www\./, '')
      .replace(/\.$/, '') ?? bare
  );
}

const isRegistrable = (host: string): boolean => {
  const { domain, isIp, isIcann } = parse(host);
  return Boolean(domain) && !isIp && Boolean(isIcann);
};

export const domain = z
  .string()
  .max(2_000)
  .overwrite(hostOf)
  .refine(
    (host) => hostPattern.test(host) && isRegistrable(host),
    'Give a domain that can be registered, such as example.com; not an IP address.',
  );

/** The part of a host that somebody registered: `example.co.uk` of `shop.example.co.uk`. */
export const registrable = (hostOrUrl: string): string | undefined => parse(hostOrUrl).domain ?? undefined;

export const isOnDomain = (address: string, host: string): boolean =>
  registrable(address) !== undefined && registrable(address) === registrable(host);

const isPublicHost = (host: string): boolean => !host.startsWith('[') && hostPattern.test(host) && isRegistrable(host);

function isWebAddress(text: string): boolean {
  const url = parseUrl(text);
  if (!url) return false;
  const { protocol, username, password, hostname } = url;
  return /^https?:$/.test(protocol) && username + password === '' && isPublicHost(hostname);
}

export const webAddress = z
  .string()
  .trim()
  .max(2_000)
  .refine(isWebAddress, 'Give a public http or https address without a password, such as https://example.com/offer.');

export const secureAddress = webAddress.refine((text) => text.startsWith('https:'), 'Give an https address.');

export const gscProperty = z
  .string()
  .trim()
  .max(2_000)
  .refine(
    isGscProperty,
    'Give a Search Console property: sc-domain:example.com, or https://example.com/ with its last slash.',
  );

function isGscProperty(text: string): boolean {
  const host = /^sc-domain:(.+)$/.exec(text)?.[1];
  if (host) return hostPattern.test(host) && isRegistrable(host);
  return isWebAddress(text) && text.endsWith('/') && !/[?#]/.test(text);
}

export const pagePath = z
  .string()
  .max(300)
  .regex(/^\/(?:[a-z0-9-]+\/?)*$/, 'Give a path such as /team.');

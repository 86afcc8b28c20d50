/**
 * Domains and addresses on the web. Only their form is judged here; whether a page answers is for a check that may go
 * out, with a guard. A domain is stored as its host name in punycode, without `www.`.
 */

import { domainToUnicode } from 'node:url';
import { parse } from 'tldts';
import { z } from 'zod';
import { parseUrl } from '../../kernel/urls.ts';

const longAddress = 'Enter an address of at most 2000 characters.';
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

/** Where everybody has a page of their own: what matters there is the path, and the domain is the network's. */
const networks = [
  'facebook.com',
  'fb.com',
  'fb.me',
  'instagram.com',
  'linkedin.com',
  'tiktok.com',
  'youtube.com',
  'youtu.be',
  'x.com',
  'twitter.com',
  'pinterest.com',
  'threads.net',
  'xing.com',
  'vk.com',
  'linktr.ee',
  'yelp.com',
  'wa.me',
  't.me',
  'g.page',
  'bsky.app',
];

const isNetwork = (host: string): boolean => networks.includes(parse(host).domain ?? '');

/** A domain of one's own. The page of an address goes by its host; a profile at a network is no domain. */
export const domain = z
  .string()
  .max(2_000, longAddress)
  .overwrite(hostOf)
  .refine(
    (host) => hostPattern.test(host) && isRegistrable(host),
    'Enter a domain that can be registered, such as example.com; not an IP address.',
  )
  .refine(
    (host) => !isNetwork(host),
    'Enter a domain of your own, such as example.com; not a profile such as facebook.com/name.',
  );

/** The part of a host that somebody registered, in punycode: `example.co.uk` of `shop.example.co.uk`. */
export const registrable = (hostOrUrl: string): string | undefined => parse(hostOf(hostOrUrl)).domain ?? undefined;

/** A host as people write it: `bücher.de` for `xn--bcher-kva.de`. */
export const readableHost = (host: string): string => domainToUnicode(host) || host;

export const isOnDomain = (address: string, host: string): boolean =>
  registrable(address) !== undefined && registrable(address) === registrable(host);

const isPublicHost = (host: string): boolean => !host.startsWith('[') && hostPattern.test(host) && isRegistrable(host);

function isWebAddress(text: string): boolean {
  const url = parseUrl(text);
  if (!url) return false;
  const { protocol, username, password, hostname } = url;
  return /^https?:$/.test(protocol) && username + password === '' && isPublicHost(hostname);
}

const withScheme = (text: string): string => (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);

/** Where people find a business: a page of any kind, with or without https:// before it, kept as it was typed. */
export const website = z
  .string()
  .trim()
  .max(2_000, longAddress)
  .refine(
    (text) => !/\s/.test(text) && isWebAddress(withScheme(text)),
    'Enter the address of a website, such as example.com or https://example.com/shop.',
  );

/** A page at a social network, kept as it was typed; the network alone is nobody's. */
export const profileAddress = website.refine((text) => {
  const url = parseUrl(withScheme(text));
  return url !== undefined && isNetwork(url.hostname) && url.pathname.length + url.search.length > 1;
}, 'Enter the address of a profile, such as https://www.facebook.com/name.');

export const webAddress = z
  .string()
  .trim()
  .max(2_000, longAddress)
  .refine(isWebAddress, 'Enter a public http or https address without a password, such as https://example.com/offer.');

export const secureAddress = webAddress.refine((text) => text.startsWith('https:'), 'Enter an https address.');

export const gscProperty = z
  .string()
  .trim()
  .max(2_000, longAddress)
  .refine(
    isGscProperty,
    'Enter a Search Console property: sc-domain:example.com, or https://example.com/ with its last slash.',
  );

function isGscProperty(text: string): boolean {
  const host = /^sc-domain:(.+)$/.exec(text)?.[1];
  if (host) return !/[/:]/.test(host) && hostPattern.test(hostOf(host)) && isRegistrable(hostOf(host));
  return isWebAddress(text) && text.endsWith('/') && !/[?#]/.test(text);
}

export const pagePath = z
  .string()
  .max(300)
  .regex(/^\/(?:[\p{L}\p{M}\p{N}_.~%-]+(?:\/|$))*$/u, 'Enter a path such as /team.');

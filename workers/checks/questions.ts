/**
 * What is asked of texts from outside: each answer is small, so that what was parsed stays in the thread that parsed it.
 * `isCut` says that there was more than is read, so that what was not found may be there all the same.
 */
import { clip } from '../../kernel/clip.ts';
import { parseUrl } from '../../kernel/urls.ts';
import { readPage, wordsOf } from './read-page.ts';
import { readRobots } from './read-robots.ts';
import { readSitemap } from './read-sitemap.ts';

/** No address is longer (RFC 9110 asks for 8,000 at least); a longer one leads nowhere. */
const longestAddress = 8_192;
const mostNamed = 100;

export interface Found {
  isCut: boolean;
}

/** What the page tells robots, and its canonical address, made whole. */
export function pageSays({ html, url }: { html: string; url: string }): Found & {
  robots: string[];
  canonical: { address: string | undefined } | undefined;
} {
  const { robots, canonical, base, isCut } = readPage(html);
  const named = canonical === undefined ? undefined : { address: resolved(canonical, from(base, url)) };
  return { robots: robots.slice(0, mostNamed).map((one) => clip(one, longestAddress)), canonical: named, isCut };
}

export function pageCarries({ html, tag }: { html: string; tag: string }): Found & { isThere: boolean } {
  const { scripts, isCut } = readPage(html);
  return { isThere: scripts.some((text) => carries(text, tag)), isCut };
}

export interface Linking {
  html: string;
  url: string;
  target: string;
  anchor: string;
}

/** The link to the target with these words, or else the words of another one to it. */
export function pageLinks({ html, url, target, anchor }: Linking): Found & { rel?: string; other?: string } {
  const { links, base, isCut } = readPage(html);
  const [begin, wanted, words] = [from(base, url), bare(target), wordsOf(anchor)];
  const toTarget = links.filter(({ href }) => resolved(href, begin) === wanted);
  const link = toTarget.find(({ text }) => text === words);
  if (link) return { rel: clip(link.rel, 80), isCut };
  const [other] = toTarget;
  return { ...(other && { other: clip(other.text, 100) }), isCut };
}

export function robotsAllow({ text, path }: { text: string; path: string }): Found & { isAllowed: boolean } {
  const robots = readRobots(text);
  return { isAllowed: robots.allows(path), isCut: robots.isCut };
}

export function robotsName({ text }: { text: string }): string[] {
  return readRobots(text).sitemaps.filter((address) => address.length <= longestAddress && parseUrl(address));
}

/** `further` are the sitemaps that an index names; undefined when it is no sitemap at all. */
export function sitemapLists({
  xml,
  page,
  most,
}: {
  xml: string;
  page: string | undefined;
  most: number;
}): (Found & { isListed: boolean; further: string[] }) | undefined {
  const sitemap = readSitemap(xml);
  if (!sitemap) return undefined;
  const { isIndex, addresses, isCut } = sitemap;
  const usable = addresses.filter((address) => address.length <= longestAddress);
  if (isIndex) return { isListed: false, further: usable.filter((one) => parseUrl(one)).slice(0, most), isCut };
  const wanted = page === undefined ? undefined : new URL(page).href;
  return { isListed: usable.some((one) => parseUrl(one)?.href === wanted), further: [], isCut };
}

/** Whole, and not as a part of a longer name. */
function carries(text: string, tag: string): boolean {
  for (let at = text.indexOf(tag); at >= 0; at = text.indexOf(tag, at + 1)) {
    if (!/[A-Za-z0-9]/.test(`${text[at - 1] ?? ''}${text[at + tag.length] ?? ''}`)) return true;
  }
  return false;
}

/** Where the addresses of a page begin. */
const from = (base: string | undefined, url: string): string =>
  (base !== undefined && base.length <= longestAddress && parseUrl(base, url)?.href) || url;

function resolved(href: string, base: string): string | undefined {
  const address = href.length <= longestAddress ? parseUrl(href, base)?.href : undefined;
  return address === undefined ? undefined : bare(address);
}

/** Without what leads to a place inside the page. */
export function bare(address: string): string {
  const url = new URL(address);
  url.hash = '';
  return url.href;
}

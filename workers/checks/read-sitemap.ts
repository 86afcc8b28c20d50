/** What a sitemap lists: pages, or further sitemaps when it is an index. What is no sitemap gives undefined. */
import { parseWithin } from './parse.ts';

export interface Sitemap {
  isIndex: boolean;
  addresses: string[];
  /** There was more than is read. */
  isCut: boolean;
}

/** As many as a sitemap may list (sitemaps.org). */
const mostAddresses = 50_000;

export function readSitemap(xml: string): Sitemap | undefined {
  let root: string | undefined;
  let address: string | undefined;
  let isFull = false;
  const addresses: string[] = [];
  const handler = {
    onopentag(name: string) {
      root ??= localName(name);
      if (localName(name) === 'loc') address = '';
    },
    ontext(text: string) {
      if (address !== undefined) address += text;
    },
    onclosetag(name: string) {
      if (localName(name) !== 'loc' || address === undefined) return;
      if (addresses.length < mostAddresses) addresses.push(address.trim());
      else isFull = true;
      address = undefined;
    },
  };
  const isWhole = parseWithin(xml, handler, { xmlMode: true });
  if (root !== 'urlset' && root !== 'sitemapindex') return undefined;
  return { isIndex: root === 'sitemapindex', addresses, isCut: !isWhole || isFull };
}

const localName = (name: string): string => name.slice(name.lastIndexOf(':') + 1).toLowerCase();

/** What a sitemap lists: pages, or further sitemaps when it is an index. What is no sitemap gives undefined. */
import { Parser } from 'htmlparser2';

export interface Sitemap {
  isIndex: boolean;
  addresses: string[];
}

export function readSitemap(xml: string): Sitemap | undefined {
  let root: string | undefined;
  let address: string | undefined;
  const addresses: string[] = [];
  const parser = new Parser(
    {
      onopentag(name) {
        root ??= localName(name);
        if (localName(name) === 'loc') address = '';
      },
      ontext(text) {
        if (address !== undefined) address += text;
      },
      onclosetag(name) {
        if (localName(name) !== 'loc' || address === undefined) return;
        addresses.push(address.trim());
        address = undefined;
      },
    },
    { xmlMode: true },
  );
  parser.end(xml);
  if (root !== 'urlset' && root !== 'sitemapindex') return undefined;
  return { isIndex: root === 'sitemapindex', addresses };
}

const localName = (name: string): string => name.replace(/^.*:/, '').toLowerCase();

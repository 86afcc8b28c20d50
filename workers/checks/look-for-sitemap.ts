/** Looks for the sitemap of a site, and for one page in it: where robots.txt says, one index deep, a few files at most. */
import { parseUrl } from '../../kernel/urls.ts';
import type { Look } from '../../workflows/words/looks.ts';
import { readRobots } from './read-robots.ts';
import { readSitemap, type Sitemap } from './read-sitemap.ts';
import { fails, holds, type Sight, statusSight, untold, type Visit } from './visit.ts';

const mostFiles = 20;

export async function lookForSitemap(
  { url, at, lists }: Extract<Look, { look: 'sitemap' }>,
  visit: Visit,
): Promise<Sight> {
  const open = at === undefined ? await namedByRobots(url, visit) : [at];
  let isWhole = true;
  let read = 0;
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (read >= mostFiles) return untold(`it is spread over more than ${mostFiles} files`);
    read += 1;
    const page = await visit.page(next);
    if (page.status !== 200) return statusSight(page);
    const sitemap = readSitemap(page.body);
    if (!sitemap)
      return page.isCut ? untold('it is larger than is read') : fails(`${next.slice(0, 200)} is no sitemap`);
    if (lists === undefined) return holds('it is there');
    if (names(sitemap, lists)) return holds('it lists the page');
    isWhole &&= !page.isCut;
    if (sitemap.isIndex) open.push(...sitemap.addresses.filter((address) => parseUrl(address)));
  }
  return isWhole ? fails('it does not list the page') : untold('it is larger than is read');
}

async function namedByRobots(url: string, visit: Visit): Promise<string[]> {
  const robots = await visit.page(new URL('/robots.txt', url).href);
  const named = robots.status === 200 ? readRobots(robots.body).sitemaps : [];
  const addresses = named.filter((address) => parseUrl(address));
  return addresses.length > 0 ? addresses : [new URL('/sitemap.xml', url).href];
}

const names = ({ isIndex, addresses }: Sitemap, page: string): boolean =>
  !isIndex && addresses.some((address) => parseUrl(address)?.href === new URL(page).href);

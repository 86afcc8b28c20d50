/** Looks for the sitemap of a site, and for one page in it: where robots.txt says, one index deep, a few files at most. */
import { clip } from '../../kernel/clip.ts';
import type { Look } from '../../workflows/words/looks.ts';
import { fails, holds, type Sight, statusSight, untold, type Visit } from './visit.ts';

const mostFiles = 20;
const tooLarge = 'it is larger than is read';

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
    const listed = await visit.ask('sitemapLists', { xml: page.body, page: lists, most: mostFiles });
    if (!listed) return page.isCut ? untold(tooLarge) : fails(`${clip(next, 200)} is no sitemap`);
    if (lists === undefined) return holds('it is there');
    if (listed.isListed) return holds('it lists the page');
    isWhole &&= !page.isCut && !listed.isCut;
    open.push(...listed.further);
  }
  return isWhole ? fails('it does not list the page') : untold(tooLarge);
}

async function namedByRobots(url: string, visit: Visit): Promise<string[]> {
  const robots = await visit.page(new URL('/robots.txt', url).href);
  const addresses = robots.status === 200 ? await visit.ask('robotsName', { text: robots.body }) : [];
  return addresses.length > 0 ? addresses : [new URL('/sitemap.xml', url).href];
}

/** Texts of sites that cost more to read than to send: robots.txt, sitemaps and pages. */
import { eventually } from '../../support/eventually.ts';
import type { Attack } from '../attack.ts';
import { type Files, hostOf, serves } from '../hostile-site.ts';
import { aTenant, putOrderAt } from '../orders.ts';
import type { Stage } from '../stage.ts';

const large = 2_000_000;
const filled = (part: string, length = large): string => part.repeat(Math.ceil(length / part.length));

const sites: Record<string, Files> = {
  'robots-returns': { robots: `user-agent: *\n${filled('#\r')}` },
  'robots-hashes': { robots: `${filled('#')}\r` },
  'robots-rules': { robots: `user-agent: *\n${'Disallow:/a\n'.repeat(170_000)}` },
  'robots-stars': { robots: `user-agent: *\nDisallow: /${filled('*a', 100_000)}$\n` },
  'robots-sitemaps': { robots: 'Sitemap: https://robots-sitemaps.example.com/sitemap.xml\n'.repeat(30_000) },
  'index-entries': { sitemap: `<sitemapindex>${'<sitemap><loc>x</loc></sitemap>'.repeat(170_000)}` },
  'index-itself': {
    sitemap: `<sitemapindex>${'<sitemap><loc>https://index-itself.example.com/sitemap.xml</loc></sitemap>'.repeat(50)}`,
  },
  'sitemap-deep': { sitemap: `<urlset>${filled('<url>')}` },
  'sitemap-entities': { sitemap: `<!DOCTYPE x [<!ENTITY a "${'b'.repeat(1_000)}">]><urlset>${filled('&a;')}</urlset>` },
  'page-unclosed': { page: filled('<b></i>') },
  'page-deep': { page: filled('<b>') },
  'page-attributes': { page: `<a ${filled('a=b ')}>` },
  'page-quote': { page: `<meta name="robots" content="${filled('x')}` },
  'page-comment': { page: `<!--${filled('-')}` },
  'page-bases': { page: filled('<base href="//[::">') },
  'page-larger': { page: filled('x', 9_000_000) },
};

const looksMade = async ({ world }: Stage, orders: string[]): Promise<boolean> => {
  const found = await Promise.all(orders.map((id) => world.models.orders.get(id)));
  return found.every((order) => {
    const check = order?.state.stages.find(({ key }) => key === 'live')?.check;
    return check !== undefined && !check.isUnderway;
  });
};

/** Orders whose article has just been published on these hosts; resolves when all have been looked at. */
export async function lookAtAll(stage: Stage, names: string[], within: number): Promise<string[]> {
  const orders: string[] = [];
  for (const [n, name] of names.entries()) {
    const tenant = await aTenant(stage.world, `site-${name}`, `sites-${n % 4}`);
    const change = (example: string) => example.replaceAll('example.com', hostOf(name));
    const record = { stage: 'publish', change };
    orders.push(await putOrderAt(stage.world, { product: 'content', stage: 'live', ...tenant, record }));
  }
  const asked = stage.site.asked();
  const isOver = () => looksMade(stage, orders);
  const areAll = await eventually(isOver, { within, every: 250 }).catch(() => false);
  stage.count(stage.site.asked() - asked);
  const isAsked = stage.site.asked() > asked;
  return [
    ...(areAll ? [] : ['a look was never told of']),
    ...(isAsked ? [] : ['no site was asked: nothing was attacked']),
  ];
}

export const hostilePages: Attack = {
  item: 1,
  name: 'texts of sites',
  sends: `${Object.keys(sites).length} sites with robots.txt, sitemaps and pages that are slow to read`,
  async play(stage) {
    for (const [name, files] of Object.entries(sites)) stage.site.manners.set(name, serves(files));
    return lookAtAll(stage, Object.keys(sites), 150_000);
  },
};

/** One look at the outside, for each kind of it: what is there, and whether it is as expected. */
import { parseUrl } from '../../kernel/urls.ts';
import { type Look, type Looked, sentenceOf } from '../../workflows/words/looks.ts';
import { lookForSitemap } from './look-for-sitemap.ts';
import { wordsOf } from './read-page.ts';
import { readRobots } from './read-robots.ts';
import { fails, holds, type Sight, sightOf, statusSight, untold, type Visit } from './visit.ts';

export async function lookAt(look: Look, visit: Visit): Promise<Looked> {
  const act = kinds[look.look] as (look: Look, visit: Visit) => Promise<Sight>;
  const sight = await act(look, visit).catch(sightOf);
  const { verdict, found, facts = {} } = sight;
  return { look: sentenceOf(look), verdict, found: found.slice(0, 500), facts };
}

const kinds: { [Kind in Look['look']]: (look: Extract<Look, { look: Kind }>, visit: Visit) => Promise<Sight> } = {
  async answers({ url, redirects: most = 3 }, visit) {
    const page = await visit.page(url);
    const { status, redirects } = page;
    if (status !== 200) return statusSight(page);
    const words = `it answers 200 after ${redirects} ${redirects === 1 ? 'redirect' : 'redirects'}`;
    return redirects <= most ? holds(words, { status, redirects }) : fails(words);
  },

  async indexable({ url }, visit) {
    const read = await visit.read(url);
    if ('sight' in read) return read.sight;
    const { page, facts } = read;
    const header = page.headers['x-robots-tag'];
    if (keepsOut(facts.robots)) return fails('the page says noindex');
    if (keepsOut([header ?? []].flat().map(forGoogle))) return fails('the header X-Robots-Tag says noindex');
    const { pathname, search } = new URL(page.url);
    const robots = await visit.page(new URL('/robots.txt', page.url).href);
    if (robots.status >= 500) return untold(`robots.txt answers ${robots.status}`);
    const isForbidden = robots.status === 200 && !readRobots(robots.body).allows(pathname + search);
    if (isForbidden) return fails('robots.txt forbids it');
    return page.isCut ? untold('the page is larger than is read') : holds('nothing forbids it');
  },

  async canonical({ url }, visit) {
    const read = await visit.read(url);
    if ('sight' in read) return read.sight;
    const { page, facts } = read;
    if (facts.canonical === undefined) {
      return page.isCut ? untold('the page is larger than is read') : holds('it names no other');
    }
    const named = resolved(facts.canonical, facts.base, page.url);
    return named && [page.url, url].map(bare).includes(named)
      ? holds('it names itself')
      : fails(`it names ${named ?? 'no address'}`);
  },

  async tag({ url, tag }, visit) {
    const read = await visit.read(url);
    if ('sight' in read) return read.sight;
    if (read.facts.scripts.some((text) => carries(text, tag))) return holds('the tag is there');
    return read.page.isCut ? untold('the page is larger than is read') : fails('the tag is not in the page');
  },

  async robots({ url }, visit) {
    const page = await visit.page(new URL('/robots.txt', url).href);
    return page.status === 200 ? holds('it is there') : statusSight(page);
  },

  sitemap: lookForSitemap,

  async backlink({ url, target, anchor }, visit) {
    const read = await visit.read(url);
    if ('sight' in read) return read.sight;
    const { page, facts } = read;
    const links = facts.links.filter(({ href }) => resolved(href, facts.base, page.url) === bare(target));
    const link = links.find(({ text }) => text === wordsOf(anchor));
    if (link)
      return holds(link.rel ? `the link is there, rel ${link.rel}` : 'the link is there', {
        rel: link.rel.slice(0, 80),
      });
    if (page.isCut) return untold('the page is larger than is read');
    const [other] = links;
    return fails(other ? `it links as "${other.text.slice(0, 100)}"` : 'there is no such link');
  },

  async certificate({ host }, visit) {
    const until = (await visit.certificate(host)).toISOString().slice(0, 10);
    return holds(`it is valid until ${until}`, { until });
  },

  async record({ name, type, value }, { dns }) {
    const ask = { address: dns.resolveAddresses, TXT: dns.resolveTxt, CNAME: dns.resolveCname }[type];
    const records = await ask(name);
    if (records.length === 0) return fails('there is none');
    return value === undefined || records.includes(value)
      ? holds('it is there')
      : fails(`there is ${records.join(', ')}`);
  },
};

const keepsOut = (directives: readonly string[]): boolean =>
  directives.some((text) =>
    text
      .toLowerCase()
      .split(/[\s,]+/)
      .some((word) => word === 'noindex' || word === 'none'),
  );

/** A header may name the robot it is for; others' are not heeded. */
function forGoogle(header: string): string {
  const [robot = '', ...rest] = header.split(':');
  if (rest.length === 0 || /[\s,]|^unavailable_after$|^max-/.test(robot.trim())) return header;
  return robot.trim().toLowerCase() === 'googlebot' ? rest.join(':') : '';
}

/** Whole, and not as a part of a longer name. */
function carries(text: string, tag: string): boolean {
  for (let at = text.indexOf(tag); at >= 0; at = text.indexOf(tag, at + 1)) {
    if (!/[A-Za-z0-9]/.test(`${text[at - 1] ?? ''}${text[at + tag.length] ?? ''}`)) return true;
  }
  return false;
}

function resolved(href: string, base: string | undefined, page: string): string | undefined {
  const from = (base !== undefined && parseUrl(base, page)?.href) || page;
  const address = parseUrl(href, from)?.href;
  return address === undefined ? undefined : bare(address);
}

/** Without what leads to a place inside the page. */
function bare(address: string): string {
  const url = new URL(address);
  url.hash = '';
  return url.href;
}

/** One look at the outside, for each kind of it: what is there, and whether it is as expected. */
import { clip } from '../../kernel/clip.ts';
import { type Look, type Looked, sentenceOf } from '../../workflows/words/looks.ts';
import { lookForSitemap } from './look-for-sitemap.ts';
import { bare } from './questions.ts';
import { fails, holds, type Sight, sightOf, statusSight, untold, type Visit } from './visit.ts';

const tooLarge = 'the page is larger than is read';

export async function lookAt(look: Look, visit: Visit): Promise<Looked> {
  const act = kinds[look.look] as (look: Look, visit: Visit) => Promise<Sight>;
  const sight = await act(look, visit).catch(sightOf);
  const { verdict, found, facts = {} } = sight;
  return { look: sentenceOf(look), verdict, found: clip(found, 500), facts };
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
    const { page } = read;
    const said = await visit.ask('pageSays', { html: page.body, url: page.url });
    const header = page.headers['x-robots-tag'];
    if (keepsOut(said.robots)) return fails('the page says noindex');
    if (keepsOut([header ?? []].flat().map(forGoogle))) return fails('the header X-Robots-Tag says noindex');
    const { pathname, search } = new URL(page.url);
    const robots = await visit.page(new URL('/robots.txt', page.url).href);
    if (robots.status >= 500) return untold(`robots.txt answers ${robots.status}`);
    const rules = robots.status === 200 ? robots.body : '';
    const { isAllowed, isCut } = await visit.ask('robotsAllow', { text: rules, path: pathname + search });
    if (!isAllowed) return fails('robots.txt forbids it');
    if (isCut || (rules !== '' && robots.isCut)) return untold('robots.txt is larger than is read');
    return page.isCut || said.isCut ? untold(tooLarge) : holds('nothing forbids it');
  },

  async canonical({ url }, visit) {
    const read = await visit.read(url);
    if ('sight' in read) return read.sight;
    const { page } = read;
    const { canonical, isCut } = await visit.ask('pageSays', { html: page.body, url: page.url });
    if (!canonical) return page.isCut || isCut ? untold(tooLarge) : holds('it names no other');
    const named = canonical.address;
    return named && [page.url, url].map(bare).includes(named)
      ? holds('it names itself')
      : fails(`it names ${named ?? 'no address'}`);
  },

  async tag({ url, tag }, visit) {
    const read = await visit.read(url);
    if ('sight' in read) return read.sight;
    const { isThere, isCut } = await visit.ask('pageCarries', { html: read.page.body, tag });
    if (isThere) return holds('the tag is there');
    return read.page.isCut || isCut ? untold(tooLarge) : fails('the tag is not in the page');
  },

  async robots({ url }, visit) {
    const page = await visit.page(new URL('/robots.txt', url).href);
    return page.status === 200 ? holds('it is there') : statusSight(page);
  },

  sitemap: lookForSitemap,

  async backlink({ url, target, anchor }, visit) {
    const read = await visit.read(url);
    if ('sight' in read) return read.sight;
    const { page } = read;
    const asked = { html: page.body, url: page.url, target, anchor };
    const { rel, other, isCut } = await visit.ask('pageLinks', asked);
    if (rel !== undefined) return holds(rel ? `the link is there, rel ${rel}` : 'the link is there', { rel });
    if (page.isCut || isCut) return untold(tooLarge);
    return fails(other === undefined ? 'there is no such link' : `it links as "${other}"`);
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

/** Texts from outside: whatever they hold, reading them takes time in proportion to their length, and never the event loop's. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lookAt } from '../../workers/checks/look.ts';
import * as questions from '../../workers/checks/questions.ts';
import { ask, Unreadable } from '../../workers/checks/reading.ts';
import { beginVisit } from '../../workers/checks/visit.ts';
import type { Context } from '../../workers/machine/context.ts';
import type { Look } from '../../workflows/words/looks.ts';
import { mustGrowWithItsInput } from '../support/pace.ts';

const url = 'https://site.example/page';
const readers: Record<string, (text: string) => unknown> = {
  'the robots of a page': (html) => questions.pageSays({ html, url }),
  'the tags of a page': (html) => questions.pageCarries({ html, tag: 'GTM-ABC1234' }),
  'the links of a page': (html) => questions.pageLinks({ html, url, target: url, anchor: 'A calm clinic' }),
  'the rules of robots.txt': (text) => questions.robotsAllow({ text, path: `/${'ab'.repeat(900)}` }),
  'the sitemaps of robots.txt': (text) => questions.robotsName({ text }),
  'a sitemap': (xml) => questions.sitemapLists({ xml, page: url, most: 20 }),
};

const fragments = [
  ...[
    '#',
    '\r',
    '\n',
    '\r\n',
    '\u2028',
    ' ',
    ':',
    '*',
    '$',
    'a',
    '\0',
    '\ud800',
    '&',
    '&amp;',
    '&#',
    '"',
    "'",
    '=',
    '/',
  ],
  ...[
    '<',
    '>',
    '<b>',
    '</b>',
    '</i>',
    '<p>',
    '</p>',
    '<li>',
    '<br>',
    '</br>',
    '<svg>',
    '<table>',
    '<a href=/>',
    '</a>',
  ],
  ...['<a href="https://site.example/page">', '<base href=/>', '<meta name=robots content=noindex>', '<img alt=a>'],
  ...['<script>', '</script>', '<!--', '-->', '<![CDATA[', ']]>', '<?', '<!', 'GTM-ABC1234', '<title>', '<textarea>'],
  ...['user-agent: *\n', 'user-agent: b\n', 'Disallow: /\n', 'Allow: *b*a$\n', 'Sitemap: https://a.example/\n'],
  ...['<urlset>', '<sitemapindex>', '<url>', '<loc>', '</loc>', '</url>', '<loc>https://a.example/</loc>', 'x:y:z:'],
];
const begins = ['', 'user-agent: *\n', '<urlset>', '<sitemapindex>', '<script>', '<a href="/', '<base href="/'];

const size = 64_000;

test.each(Object.entries(readers))('the time of reading %s grows as the text does', (_, read) => {
  const texts = fc.tuple(
    fc.constantFrom(...begins),
    fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 4 }),
  );
  fc.assert(
    fc.property(texts, ([begin, parts]) => {
      const part = parts.join('');
      const textOf = (length: number) => begin + part.repeat(Math.ceil(length / part.length));
      mustGrowWithItsInput(
        () => read(textOf(size)),
        () => read(textOf(4 * size)),
      );
    }),
    { numRuns: 60 },
  );
});

describe('a text that would take for ever', () => {
  const endless = { html: '<script>a</script>', tag: '' };

  test('is given up, and the next one is read', async () => {
    await expect(ask('pageCarries', endless, AbortSignal.timeout(1_500))).rejects.toThrow(Unreadable);
    expect(await ask('pageCarries', { ...endless, tag: 'a' })).toEqual({ isThere: true, isCut: false });
  });

  test('is no fault but a finding in plain words', async () => {
    const visit = beginVisit(
      { outside: siteOf('<script>a</script>') } as unknown as Context,
      AbortSignal.timeout(1_500),
    );
    expect(await lookAt({ look: 'tag', url, tag: '' }, visit)).toMatchObject({
      verdict: 'unknown',
      found: 'It is too large to be read in the time and memory allowed',
    });
  });
});

const siteOf = (body: string) => ({
  page: async (at: string) => ({ url: at, status: 200, redirects: 0, headers: {}, body, isCut: false }),
});

describe('what is larger than is read', () => {
  const see = async (look: Look, body: string) => {
    const visit = beginVisit({ outside: siteOf(body) } as unknown as Context, AbortSignal.timeout(30_000));
    const { verdict, found } = await lookAt(look, visit);
    return [verdict, found];
  };
  const tag: Look = { look: 'tag', url, tag: 'GTM-ABC1234' };
  const sitemap: Look = { look: 'sitemap', url, at: 'https://site.example/sitemap.xml', lists: url };

  test.each([
    ['elements that are never closed', '<b></i>'.repeat(280_000)],
    ['elements without end', '<b>'.repeat(700_000)],
  ])('is unknown for a page with %s', async (_, body) => {
    expect(await see(tag, body)).toEqual(['unknown', 'the page is larger than is read']);
    expect(await see(tag, `<script>GTM-ABC1234</script>${body}`)).toEqual(['holds', 'the tag is there']);
  });

  test('is unknown for a robots.txt, unless what was read forbids the page', async () => {
    const robots = (text: string) => questions.robotsAllow({ text, path: '/page' });
    const rest = '#\r'.repeat(1_000_000);
    expect(robots(`user-agent: *\n${rest}`)).toEqual({ isAllowed: true, isCut: true });
    expect(robots(`user-agent: *\ndisallow: /page\n${rest}`)).toEqual({ isAllowed: false, isCut: true });
  });

  test('is read as far as that goes for an index of 170,000 entries', async () => {
    const entry = '<sitemap><loc>x</loc></sitemap>';
    expect(await see(sitemap, `<sitemapindex>${entry.repeat(170_000)}`)).toEqual([
      'unknown',
      'it is larger than is read',
    ]);
  });

  test('is no fault for 170,000 rules', () => {
    const text = `user-agent: *\n${'Disallow:/a\n'.repeat(170_000)}`;
    expect(questions.robotsAllow({ text, path: '/b' })).toEqual({ isAllowed: true, isCut: true });
  });
});

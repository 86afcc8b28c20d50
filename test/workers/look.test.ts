/** Each kind of look against servers that are started here: what holds, what fails, and what nobody can tell. */
import type { lookup } from 'node:dns';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDns } from '../../runtime/dns.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import { lookAt } from '../../workers/checks/look.ts';
import { beginVisit } from '../../workers/checks/visit.ts';
import type { Context } from '../../workers/machine/context.ts';
import type { Look } from '../../workflows/words/looks.ts';
import { expired, good, ofAnother, type Pair } from '../support/certificates.ts';
import { type NameServer, startNames } from '../support/names.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => unknown;

const paths = new Map<string, Answer>();
const timeouts = { connect: 1_000, answer: 300, total: 600 };
const open: Server[] = [];
let origin: string;
let names: NameServer;

beforeAll(async () => {
  const server = createServer((request, response) => {
    const answer = paths.get(request.url ?? '') ?? ((to) => to.writeHead(404).end());
    answer(response, request);
  });
  origin = `http://127.0.0.1:${await listen(server)}`;
  names = await startNames();
});
afterAll(() => {
  for (const server of open) server.close();
  names.close();
});

async function listen(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

function look(asked: Look, options: Parameters<typeof httpGuard>[0] = {}) {
  const outside = httpGuard({ allow: [origin], timeouts, ...options });
  const dns = createDns({ servers: [names.address], timeout: 200, tries: 1 });
  return lookAt(asked, beginVisit({ outside, dns } as unknown as Context, AbortSignal.timeout(5_000)));
}

const html =
  (body: string, headers: Record<string, string | string[]> = {}, status = 200): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);
const to =
  (location: string): Answer =>
  (response) =>
    response.writeHead(302, { location }).end();
const page = (path: string): string => `${origin}${path}`;
const big = `<p>${'x'.repeat(2 * 1024 * 1024)}</p>`;

/** One page, one look, and what comes of it. */
async function see(answer: Answer, asked: (url: string) => Look) {
  paths.set('/page', answer);
  paths.delete('/robots.txt');
  const { verdict, found, facts } = await look(asked(page('/page')));
  return { verdict, found, facts };
}

describe('whether a page answers', () => {
  const answers = (url: string): Look => ({ look: 'answers', url });

  test('is told with status and redirects', async () => {
    paths.set('/once', to('/page'));
    paths.set('/page', html('here'));
    expect(await look({ look: 'answers', url: page('/once'), redirects: 1 })).toMatchObject({
      verdict: 'holds',
      facts: { status: 200, redirects: 1 },
    });
    paths.set('/twice', to('once'));
    expect(await look({ look: 'answers', url: page('/twice'), redirects: 1 })).toMatchObject({
      verdict: 'fails',
      found: 'it answers 200 after 2 redirects',
    });
  });

  test.each<[string, Answer, string, string]>([
    ['is gone', html('', {}, 404), 'fails', 'the answer is 404'],
    ['is broken', html('', {}, 503), 'fails', 'the answer is 503'],
    ['asks to come later', html('', {}, 429), 'unknown', 'the answer is 429'],
    ['is away for a while', html('', { 'retry-after': '600' }, 503), 'unknown', 'the answer is 503'],
    ['says nothing', () => undefined, 'unknown', 'No answer within the time allowed'],
    [
      'drips',
      (to) => to.writeHead(200, { 'content-type': 'text/html' }) && to.write('x'),
      'unknown',
      'No end of the answer within the time allowed',
    ],
    ['cuts the line', (to) => to.destroy(), 'unknown', 'socket hang up'],
  ])('of a server that %s', async (_, answer, verdict, found) => {
    expect(await see(answer, answers)).toMatchObject({ verdict, found });
  });

  test('is told of a file and of a page of more than two megabytes, which are not read to their end', async () => {
    expect(await see(html(big), answers)).toMatchObject({ verdict: 'holds' });
    expect(await see(html(big, { 'content-type': 'video/mp4' }), answers)).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['the loopback address', 'http://127.0.0.1:1/'],
    ['the metadata service', 'http://169.254.169.254/latest/meta-data/'],
    ['an address inside', 'http://10.0.0.1/'],
    ['another scheme', 'file:///etc/passwd'],
    ['another port', 'https://example.com:6379/'],
    ['credentials', 'https://user:secret@example.com/'],
    ['an inner name', 'http://metadata.google.internal/'],
  ])('fails on a redirect to %s, which is not followed', async (_, location) => {
    expect(await see(to(location), answers)).toMatchObject({ verdict: 'fails' });
  });

  test('fails on a redirect to a public name that leads to a private address', async () => {
    paths.set('/page', to('http://rebound.example/'));
    const resolve = ((_name: string, _options: object, back: (error: null, found: object[]) => void) =>
      back(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as typeof lookup;
    expect(await look(answers(page('/page')), { resolve })).toMatchObject({
      verdict: 'fails',
      found: 'rebound.example does not lead to the internet',
    });
  });

  test('ends after three redirects', async () => {
    let asked = 0;
    const answer: Answer = (response) => {
      asked += 1;
      to('/page')(response, undefined as never);
    };
    expect(await see(answer, answers)).toMatchObject({
      verdict: 'fails',
      found: 'the answer is 302 after 3 redirects',
    });
    expect(asked).toBe(4);
  });

  test('is not told when the name has no address', async () => {
    const resolve = ((_name: string, _options: object, back: (error: Error) => void) =>
      back(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }))) as unknown as typeof lookup;
    expect(await look(answers('https://nowhere.example/'), { resolve })).toMatchObject({ verdict: 'unknown' });
  });
});

describe('whether a page may be indexed', () => {
  const indexable = (url: string): Look => ({ look: 'indexable', url });

  test.each<[string, Answer, string]>([
    ['says nothing', html('<title>a</title>'), 'holds'],
    ['says index', html('<meta name="robots" content="index, follow">'), 'holds'],
    ['says noindex', html('<META NAME="Robots" CONTENT="NoIndex, follow">'), 'fails'],
    ['says none', html('<meta name="googlebot" content="none">'), 'fails'],
    ['says it in a comment', html('<!-- <meta name="robots" content="noindex"> -->'), 'holds'],
    ['says it in its header', html('', { 'x-robots-tag': 'noindex' }), 'fails'],
    ['says it to Google', html('', { 'x-robots-tag': ['nosnippet', 'googlebot: noindex'] }), 'fails'],
    ['says it to another robot', html('', { 'x-robots-tag': 'otherbot: noindex' }), 'holds'],
    ['is gone', html('', {}, 404), 'fails'],
    ['is a film', html('', { 'content-type': 'video/mp4' }), 'fails'],
    ['is larger than is read', html(big), 'unknown'],
  ])('of one that %s', async (_, answer, verdict) => {
    expect(await see(answer, indexable)).toMatchObject({ verdict });
  });

  test.each([
    ['User-agent: *\nDisallow: /', 'fails'],
    ['User-agent: *\nDisallow: /pa', 'fails'],
    ['User-agent: *\nDisallow: /\nAllow: /page$', 'holds'],
    ['User-agent: *\nDisallow: /*.pdf$', 'holds'],
    ['User-agent: other\nDisallow: /', 'holds'],
    ['User-agent: googlebot\nDisallow:\n\nUser-agent: *\nDisallow: /', 'holds'],
    ['# Disallow: /\nUser-agent: *\nDisallow:', 'holds'],
  ])('goes by robots.txt: %j', async (text, verdict) => {
    paths.set('/page', html('here'));
    paths.set('/robots.txt', html(text, { 'content-type': 'text/plain' }));
    expect(await look(indexable(page('/page')))).toMatchObject({ verdict });
  });

  test('is not told while robots.txt is broken', async () => {
    paths.set('/page', html('here'));
    paths.set('/robots.txt', html('', {}, 500));
    expect(await look(indexable(page('/page')))).toMatchObject({ verdict: 'unknown' });
  });
});

test.each<[string, string]>([
  ['<title>a</title>', 'holds'],
  ['<link rel="canonical" href="/page">', 'holds'],
  ['<link rel="canonical" href="/page#top">', 'holds'],
  ['<link rel="canonical" href="/other">', 'fails'],
  ['<link rel="alternate canonical" href="https://example.com/page">', 'fails'],
])('a page with %s is its own canonical address: %s', async (head, verdict) => {
  expect(await see(html(head), (url) => ({ look: 'canonical', url }))).toMatchObject({ verdict });
});

test.each<[string, string, string]>([
  ['G-AB12CD34EF', '<script async src="https://www.googletagmanager.com/gtag/js?id=G-AB12CD34EF"></script>', 'holds'],
  ['G-AB12CD34EF', "<script>gtag('config', 'G-AB12CD34EF');</script>", 'holds'],
  [
    'GTM-ABC1234',
    '<noscript><iframe src="https://www.googletagmanager.com/ns.html?id=GTM-ABC1234"></iframe></noscript>',
    'holds',
  ],
  ['123456789012345', "<script>fbq('init', '123456789012345')</script>", 'holds'],
  ['GTM-ABC1234', "<script>load('GTM-ABC12345')</script>", 'fails'],
  ['GTM-ABC1234', '<p>Our tag is GTM-ABC1234.</p>', 'fails'],
  ['GTM-ABC1234', '<!-- <script>GTM-ABC1234</script> -->', 'fails'],
])('the tag %s in %s: %s', async (tag, body, verdict) => {
  expect(await see(html(body), (url) => ({ look: 'tag', url, tag }))).toMatchObject({ verdict });
});

describe('a link', () => {
  const backlink = (url: string): Look => ({
    look: 'backlink',
    url,
    target: 'https://example.com/offer',
    anchor: 'A calm clinic',
  });

  test.each<[string, string, string, string]>([
    ['its anchor', '<a href="https://example.com/offer">a calm clinic</a>', 'holds', ''],
    ['an anchor over two lines', '<a href="https://example.com/offer"><b>A calm\n</b> clinic</a>', 'holds', ''],
    ['a picture', '<a href="https://example.com/offer"><img src="/x.png" alt="A calm clinic"></a>', 'holds', ''],
    [
      'its rel',
      '<a rel="Sponsored nofollow" href="https://example.com/offer#x">A calm clinic</a>',
      'holds',
      'sponsored nofollow',
    ],
    ['a base', '<base href="https://example.com/"><a href="offer">A calm clinic</a>', 'holds', ''],
  ])('is seen with %s', async (_, body, verdict, rel) => {
    expect(await see(html(body), backlink)).toMatchObject({ verdict, facts: { rel } });
  });

  test.each<[string, string]>([
    ['<a href="https://example.com/offer">Another anchor</a>', 'it links as "another anchor"'],
    ['<a href="https://example.com/">A calm clinic</a>', 'there is no such link'],
    ['<!-- <a href="https://example.com/offer">A calm clinic</a> -->', 'there is no such link'],
    ['<p>https://example.com/offer</p>', 'there is no such link'],
  ])('is not seen in %s', async (body, found) => {
    expect(await see(html(body), backlink)).toMatchObject({ verdict: 'fails', found });
  });
});

describe('a sitemap', () => {
  const xml = (body: string): Answer => html(`<?xml version="1.0"?>${body}`, { 'content-type': 'application/xml' });
  const listing = (...urls: string[]) =>
    xml(`<urlset>${urls.map((url) => `<url><loc>${url}</loc></url>`).join('')}</urlset>`);
  const listed = (): Promise<{ verdict: string; found: string }> =>
    look({ look: 'sitemap', url: page('/page'), lists: page('/page') });

  test('is found where robots.txt says, one index deep', async () => {
    paths.set('/robots.txt', html(`Sitemap: ${page('/maps.xml')}`, { 'content-type': 'text/plain' }));
    paths.set('/maps.xml', xml(`<sitemapindex><sitemap><loc>${page('/map-1.xml')}</loc></sitemap></sitemapindex>`));
    paths.set('/map-1.xml', listing(page('/page')));
    expect(await listed()).toMatchObject({ verdict: 'holds' });
    paths.set('/map-1.xml', listing(page('/other')));
    expect(await listed()).toMatchObject({ verdict: 'fails', found: 'it does not list the page' });
    paths.set('/map-1.xml', () => undefined);
    expect(await listed()).toMatchObject({ verdict: 'unknown' });
  });

  test('is looked for at /sitemap.xml otherwise, and must be one', async () => {
    paths.delete('/robots.txt');
    paths.set('/sitemap.xml', listing(page('/page')));
    expect(await listed()).toMatchObject({ verdict: 'holds' });
    paths.set('/sitemap.xml', html('<html><body>Not found</body></html>'));
    expect(await listed()).toMatchObject({ verdict: 'fails', found: expect.stringContaining('is no sitemap') });
    paths.delete('/sitemap.xml');
    expect(await listed()).toMatchObject({ verdict: 'fails', found: 'the answer is 404' });
  });
});

test('a robots.txt is there or is not', async () => {
  paths.set('/robots.txt', html('User-agent: *', { 'content-type': 'text/plain' }));
  expect(await look({ look: 'robots', url: page('/page') })).toMatchObject({ verdict: 'holds' });
  paths.delete('/robots.txt');
  expect(await look({ look: 'robots', url: page('/page') })).toMatchObject({ verdict: 'fails' });
});

describe('a certificate', () => {
  async function certified(pair: Pair, ca = pair.cert) {
    const port = await listen(createTlsServer(pair, (_, response) => response.end('ok')));
    const options = { allow: [`https://localhost:${port}`], ca };
    return {
      certificate: await look({ look: 'certificate', host: `localhost:${port}` }, options),
      answers: await look({ look: 'answers', url: `https://localhost:${port}/` }, options),
    };
  }

  test('that is valid is told with its last day', async () => {
    const { certificate, answers } = await certified(good);
    expect(certificate).toMatchObject({ verdict: 'holds', facts: { until: '2120-01-01' } });
    expect(answers).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['out of date', expired, expired.cert, 'CERT_HAS_EXPIRED'],
    ['for another name', ofAnother, ofAnother.cert, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['signed by nobody', good, ofAnother.cert, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('that is %s fails, and so does its page', async (_, pair, ca, code) => {
    const { certificate, answers } = await certified(pair, ca);
    for (const seen of [certificate, answers]) {
      expect(seen).toMatchObject({ verdict: 'fails', found: `The certificate is not valid (${code})` });
    }
  });

  test('of a server that speaks no TLS can not be told', async () => {
    const port = Number(new URL(origin).port);
    expect(
      await look({ look: 'certificate', host: `localhost:${port}` }, { allow: [`https://localhost:${port}`] }),
    ).toMatchObject({
      verdict: 'unknown',
    });
  });
});

test.each<[readonly string[] | 'fail', string | undefined, string]>([
  [['abc'], undefined, 'holds'],
  [['abc', 'def'], 'def', 'holds'],
  [['abc'], 'def', 'fails'],
  [[], undefined, 'fails'],
  ['fail', undefined, 'unknown'],
])('of the TXT records %j, %s: %s', async (values, value, verdict) => {
  names.records.set('TXT check.example', values);
  const asked = { look: 'record', name: 'check.example', type: 'TXT', ...(value !== undefined && { value }) } as const;
  expect(await look(asked)).toMatchObject({ verdict });
});

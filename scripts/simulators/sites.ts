/**
 * The web sites of the clients, for trials and tests: one server that plays every host name. A process whose
 * `OUTSIDE_STANDIN` names it sends here whatever it looks at on the internet, pages, certificates and names alike. Each
 * page answers 200, names itself as canonical and carries what some look expects of it; which that is, it is told, and of
 * the examples of all products it knows. It misbehaves when told to.
 *
 *   POST /.standin/play    a list of looks, as products declare them: from now on they all hold
 *   POST /.standin/faults  {"url": "https://example.com/offer", "fault": "noindex"}; without a fault it is mended
 *   POST /.standin/names   {"name": "_check.example.com", "type": "TXT", "values": ["abc"]}
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { escapeHtml } from '../../kernel/markup.ts';
import { namesPath, schemeHeader } from '../../runtime/standin.ts';
import type { Look } from '../../workflows/words/looks.ts';
import { looksOfExamples } from './looks-of-examples.ts';

/** What is wrong with a page: it is gone, is kept out of the index, has lost tags and links, does not answer, … */
export type Fault =
  | 'gone'
  | 'broken'
  | 'busy'
  | 'noindex'
  | 'bare'
  | 'silent'
  | 'moved'
  | 'other-canonical'
  | 'unlisted';

export interface SimulatedSites {
  origin: string;
  /** Every page that was asked for, in order. */
  visited: string[];
  play(looks: readonly Look[]): void;
  /** Without a fault the page is mended. */
  fault(url: string, fault?: Fault): void;
  name(name: string, type: string, values: readonly string[]): void;
  close(): Promise<void>;
}

interface Site {
  tags: Set<string>;
  links: Map<string, string>;
}

export async function startSites({ port = 0 } = {}): Promise<SimulatedSites> {
  const world = openWorld();
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const sites: SimulatedSites = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    visited: [],
    play: (looks) => looks.forEach(world.play),
    fault: world.fault,
    name: world.name,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  sites.play(looksOfExamples());
  return sites;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(request.url ?? '/', sites.origin);
    if (asked.pathname.startsWith('/.standin/')) return tell(response, await control(asked, request));
    const scheme = String(request.headers[schemeHeader] ?? 'https');
    const url = `${scheme}://${request.headers.host}${asked.pathname}${asked.search}`;
    sites.visited.push(url);
    return show(world, url, response);
  }

  async function control({ pathname, searchParams }: URL, request: IncomingMessage): Promise<unknown> {
    if (pathname === namesPath && request.method === 'GET') {
      return world.namesOf(searchParams.get('name') ?? '', searchParams.get('type') ?? '');
    }
    const body = await bodyOf(request);
    if (pathname === '/.standin/play') sites.play(body);
    if (pathname === '/.standin/faults') sites.fault(body.url, body.fault);
    if (pathname === '/.standin/names') sites.name(body.name, body.type, body.values);
    return {};
  }
}

type World = ReturnType<typeof openWorld>;

/** What there is on the internet, and what is wrong with it. */
function openWorld() {
  const pages = new Map<string, Site>();
  const sitemaps = new Set<string>();
  const faults = new Map<string, Fault>();
  const names = new Map<string, readonly string[]>();
  const name = (of: string, type: string, values: readonly string[]) => void names.set(`${type} ${of}`, values);

  function siteAt(url: string): Site {
    const page = pages.get(keyOf(url)) ?? { tags: new Set(), links: new Map() };
    pages.set(keyOf(url), page);
    return page;
  }

  return {
    play(look: Look): void {
      if (look.look === 'certificate') return;
      if (look.look === 'record') return void name(look.name, look.type, [look.value ?? '93.184.215.14']);
      const page = siteAt(look.url);
      if (look.look === 'tag') page.tags.add(look.tag);
      if (look.look === 'backlink') page.links.set(look.target, look.anchor);
      if (look.look === 'sitemap' && look.lists) siteAt(look.lists);
      if (look.look === 'sitemap' && look.at) sitemaps.add(keyOf(look.at));
    },
    fault(url: string, fault?: Fault): void {
      if (fault) faults.set(keyOf(url), fault);
      else faults.delete(keyOf(url));
    },
    name,
    faultOf: (url: string) => faults.get(keyOf(url)),
    siteOf: (url: string): Site => pages.get(keyOf(url)) ?? { tags: new Set(), links: new Map() },
    namesOf: (of: string, type: string) => names.get(`${type} ${of}`) ?? (type === 'address' ? ['93.184.215.14'] : []),
    isSitemap: (url: string) => new URL(url).pathname === '/sitemap.xml' || sitemaps.has(keyOf(url)),
    listedAt: (host: string) =>
      [...pages.keys()].filter(
        (page) => new URL(page).host === host && !['unlisted', 'gone'].includes(faults.get(page) ?? ''),
      ),
  };
}

function show(world: World, url: string, response: ServerResponse): void {
  const fault = world.faultOf(url);
  if (fault === 'silent') return;
  if (fault === 'busy') return void response.writeHead(503, { 'retry-after': '7200' }).end();
  if (fault === 'moved') return void response.writeHead(301, { location: '/moved' }).end();
  const { status = 200, type, body } = contentOf(world, url, fault);
  send(response, status, type, body);
}

interface Content {
  status?: number;
  type: string;
  body: string;
}

function contentOf(world: World, url: string, fault?: Fault): Content {
  if (fault === 'gone') return { status: 404, type: 'text/html', body: '<title>Gone</title>' };
  if (fault === 'broken') return { status: 500, type: 'text/html', body: '<title>Broken</title>' };
  if (new URL(url).pathname === '/robots.txt') return { type: 'text/plain', body: robotsOf(url) };
  if (world.isSitemap(url)) return { type: 'application/xml', body: sitemapOf(world, url) };
  return { type: 'text/html; charset=utf-8', body: pageOf(world.siteOf(url), url, fault) };
}

function pageOf(site: Site, url: string, fault: Fault | undefined): string {
  const { tags, links } = fault === 'bare' ? { tags: [], links: [] } : site;
  const canonical = fault === 'other-canonical' ? new URL('/other', url).href : url;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>',
    fault === 'noindex' ? '<meta name="robots" content="noindex">' : '',
    `<link rel="canonical" href="${escapeHtml(canonical)}">`,
    ...[...tags].map((tag) => `<script>tag('config', '${escapeHtml(tag)}');</script>`),
    '</head><body><p>Words.</p>',
    ...[...links].map(([to, words]) => `<p><a href="${escapeHtml(to)}">${escapeHtml(words)}</a></p>`),
    '</body></html>',
  ].join('\n');
}

function sitemapOf(world: World, url: string): string {
  const listed = world.listedAt(new URL(url).host);
  const entries = [...new Set([keyOf(new URL('/', url).href), ...listed])].map(
    (page) => `<url><loc>${escapeHtml(page)}</loc></url>`,
  );
  return `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entries.join('')}</urlset>`;
}

const robotsOf = (url: string): string => `User-agent: *\nAllow: /\nSitemap: ${new URL('/sitemap.xml', url).href}\n`;

/** An address as it is compared: without the place inside the page. */
function keyOf(address: string): string {
  const url = new URL(address);
  url.hash = '';
  return url.href;
}

async function bodyOf(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

function tell(response: ServerResponse, body: unknown): void {
  send(response, 200, 'application/json', JSON.stringify(body));
}

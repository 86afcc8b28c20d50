/**
 * The demo's mailbox as a web page: what clients and staff were sent, newest first, each email as its reader sees it. An
 * email's HTML is shown in a frame that can't run scripts; its links open in a new tab, free of the frame's sandbox.
 */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { escapeHtml } from '../../kernel/markup.ts';
import { linkIn, type Mail, type Mailbox } from './mailbox.ts';
import { ask } from './visitor.ts';

export interface MailboxPage {
  url: string;
  stop(): Promise<void>;
}

/** One row of the list: an email, its number in the mailbox, and whether its link still waits for an answer. */
interface Row {
  mail: Mail;
  number: number;
  isOpen: boolean;
}

const rowsOnPage = 25;

export async function serveMailbox(mailbox: Mailbox, port: number): Promise<MailboxPage> {
  const server = createServer((request, response) => {
    answer(mailbox, request.url ?? '/', response).catch((error: Error) => {
      send(response, 500, page('Mailbox', `<p>${escapeHtml(error.message)}</p>`));
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(mailbox: Mailbox, address: string, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(address, 'http://mailbox');
  const [, number, part] = /^\/(\d{1,6})(\/text)?$/.exec(pathname) ?? [];
  const mail = number === undefined ? undefined : mailbox.mails[Number(number)];
  if (mail) return send(response, 200, letter(mail, { number: Number(number), asText: part !== undefined }));
  if (pathname !== '/') return send(response, 404, page('Not found', '<p>Email not found.</p>'));

  const rows = await rowsOf(mailbox);
  const isOpenOnly = searchParams.get('show') === 'unanswered';
  const shown = isOpenOnly ? rows.filter(({ isOpen }) => isOpen) : rows;
  const asked = Number(searchParams.get('page') ?? 1);
  const pages = Math.max(1, Math.ceil(shown.length / rowsOnPage));
  const current = Number.isInteger(asked) && asked >= 1 ? Math.min(asked, pages) : 1;
  send(response, 200, list(shown, { all: rows, isOpenOnly, current, pages }));
}

/** Newest first. Whoever played the client has told what was answered; only the pages of the rest are asked. */
async function rowsOf({ mails, answered }: Mailbox): Promise<Row[]> {
  const links = [...new Set(mails.flatMap((mail) => linkIn(mail) ?? []))].filter((link) => !answered.has(link));
  const open = new Set<string>();
  await Promise.all(
    links.map(async (link) => {
      const { status, text } = await ask(link);
      if (status === 200 && text.includes('<form')) open.add(link);
    }),
  );
  return mails.map((mail, number) => ({ mail, number, isOpen: open.has(linkIn(mail) ?? '') })).reverse();
}

interface Shown {
  all: Row[];
  isOpenOnly: boolean;
  current: number;
  pages: number;
}

function list(shown: Row[], { all, isOpenOnly, current, pages }: Shown): string {
  const open = all.filter(({ isOpen }) => isOpen).length;
  const filters = `<nav aria-label="Filter"><a href="/"${isOpenOnly ? '' : ' aria-current="page"'}>All (${all.length})</a>
<a href="/?show=unanswered"${isOpenOnly ? ' aria-current="page"' : ''}>Unanswered (${open})</a></nav>`;
  const rows = shown.slice((current - 1) * rowsOnPage, current * rowsOnPage).map(row);
  const items = rows.length > 0 ? `<ul class="mails">${rows.join('')}</ul>` : '<p>No emails.</p>';
  return page(`Mailbox (${all.length})`, `${filters}${items}${pager({ current, pages, isOpenOnly })}`);
}

function row({ mail: { to, from, subject, when }, number, isOpen }: Row): string {
  const mark = isOpen ? ' <span class="open">Unanswered</span>' : '';
  return `<li><a href="/${number}">${escapeHtml(subject)}</a>${mark}
<p>To ${escapeHtml(to)} · from ${escapeHtml(nameIn(from))} · ${escapeHtml(when)}</p></li>`;
}

function pager({ current, pages, isOpenOnly }: Pick<Shown, 'current' | 'pages' | 'isOpenOnly'>): string {
  if (pages === 1) return '';
  const to = (number: number) => `/?${isOpenOnly ? 'show=unanswered&amp;' : ''}page=${number}`;
  const newer = current > 1 ? `<a rel="prev" href="${to(current - 1)}">Newer</a>` : '';
  const older = current < pages ? `<a rel="next" href="${to(current + 1)}">Older</a>` : '';
  return `<nav aria-label="Pages">${newer} Page ${current} of ${pages} ${older}</nav>`;
}

const nameIn = (from: string): string => /^"?([^"<]+?)"? </.exec(from)?.[1] ?? from;

function letter(mail: Mail, { number, asText }: { number: number; asText: boolean }): string {
  const { to, from, subject, when, html, text } = mail;
  const parts = `<nav aria-label="Parts"><a href="/">All emails</a>
<a href="/${number}"${asText ? '' : ' aria-current="page"'}>As HTML</a>
<a href="/${number}/text"${asText ? ' aria-current="page"' : ''}>As plain text</a></nav>`;
  const head = `<p>From ${escapeHtml(from)} to ${escapeHtml(to)}, ${escapeHtml(when)}.</p>`;
  return page(subject, `${parts}${head}${asText || html === '' ? plain(text) : framed(html)}`);
}

/** Without the second permission, a page opened from the frame would inherit the sandbox, and Chromium would block it. */
function framed(html: string): string {
  const content = escapeHtml(`<base target="_blank">${html}`);
  return `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="The email" srcdoc="${content}"></iframe>`;
}

function plain(text: string): string {
  const linked = escapeHtml(text).replace(
    /https?:\/\/[^\s<>()[\]]+/g,
    (address) => `<a href="${address}" target="_blank" rel="noopener">${address}</a>`,
  );
  return `<pre>${linked}</pre>`;
}

function page(title: string, body: string): string {
  const style = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:1.5rem auto;max-width:60rem;padding:0 1rem}
h1{font-size:1.4rem;overflow-wrap:anywhere}nav{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;margin:0 0 1rem}
[aria-current]{font-weight:600;text-decoration:none;color:inherit}
.mails{list-style:none;padding:0}.mails li{padding:.6rem 0;border-top:1px solid #8885;overflow-wrap:anywhere}
.mails p{margin:.15rem 0 0;font-size:.9rem}.open{font-size:.8rem;border:1px solid;border-radius:.3rem;padding:0 .4rem}
iframe{width:100%;height:46rem;border:1px solid #8885;background:#fff}pre{white-space:pre-wrap;overflow-wrap:anywhere}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head><body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(body);
}

/**
 * The demo's mailbox as a web page: what clients were sent, newest first, each mail as its reader sees it. A mail's HTML
 * is shown in a frame that may run nothing; its links open in a new tab.
 */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { escapeHtml } from '../../kernel/markup.ts';
import type { Mail, Mailbox } from './mailbox.ts';

export interface MailboxPage {
  url: string;
  stop(): Promise<void>;
}

export async function serveMailbox({ mails }: Mailbox, port: number): Promise<MailboxPage> {
  const server = createServer(({ url = '/' }, response) => {
    const [, number] = /^\/(\d+)$/.exec(url) ?? [];
    const mail = number === undefined ? undefined : mails[Number(number)];
    if (mail) send(response, 200, letter(mail));
    else if (url === '/') send(response, 200, list(mails));
    else send(response, 404, page('Not found', '<p>Email not found.</p>'));
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function list(mails: readonly Mail[]): string {
  const rows = mails.map(
    ({ to, from, subject, when }, index) =>
      `<tr><td>${escapeHtml(when)}</td><td>${escapeHtml(to)}</td><td><a href="/${index}">${escapeHtml(subject)}</a></td><td>${escapeHtml(nameIn(from))}</td></tr>`,
  );
  const head = '<tr><th>When</th><th>To</th><th>Subject</th><th>From</th></tr>';
  return page(`Mailbox (${mails.length})`, `<table>${head}${rows.reverse().join('')}</table>`);
}

const nameIn = (from: string): string => /^"?([^"<]+?)"? </.exec(from)?.[1] ?? from;

function letter({ to, from, subject, when, html, text }: Mail): string {
  const body = html === '' ? `<pre>${escapeHtml(text)}</pre>` : html;
  const frame = `<iframe sandbox="allow-popups" title="The mail" srcdoc="${escapeHtml(`<base target="_blank">${body}`)}"></iframe>`;
  return page(
    subject,
    `<p>From ${escapeHtml(from)} to ${escapeHtml(to)}, ${escapeHtml(when)}. <a href="/">All mails</a></p>${frame}`,
  );
}

function page(title: string, body: string): string {
  const style = `body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #ddd}
h1{font-size:1.4rem}td,th{vertical-align:top}
iframe{width:100%;height:46rem;border:1px solid #ddd}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${style}</style><h1>${escapeHtml(title)}</h1>${body}</html>`;
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(body);
}

/**
 * A public page: plain HTML in the agency's name and colour, without a script, that no cache keeps, no other site may
 * frame and no click betrays (its address is a secret).
 */
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Agency } from '../../models/agency.ts';
import { type Html, html } from './html.ts';
import { styleFor } from './style.ts';

export interface Page {
  title: string;
  agency?: Pick<Agency, 'name' | 'colour'> | null | undefined;
  content: Html;
  status?: number;
}

export const sendPage = (reply: FastifyReply, page: Page): FastifyReply =>
  reply.serializer(String).send(writePage(reply, page));

/** Sets status and headers, and returns the markup. */
export function writePage(reply: FastifyReply, { title, agency, content, status = 200 }: Page): string {
  const nonce = randomBytes(16).toString('base64');
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
  const name = agency?.name ?? 'Your order';
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · ${name}</title>
<style nonce="${nonce}">${{ markup: styleFor(agency?.colour) }}</style>
</head>
<body>
<header><p>${name}</p></header>
<main>${content}</main>
</body>
</html>
`;
  withPageHeaders(reply, policy).code(status).type('text/html; charset=utf-8');
  return page.markup;
}

function withPageHeaders(reply: FastifyReply, policy: string): FastifyReply {
  return reply
    .header('content-security-policy', policy)
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .header('x-frame-options', 'DENY');
}

/** Whether a page of ours has sent it: a browser says so by what it takes, and by what it sends. */
export const isFromPage = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
  wantsPage(headers.accept) || (isForm(headers['content-type']) && !(headers.accept ?? '').includes('json'));

export const isForm = (type = ''): boolean => type.toLowerCase().startsWith('application/x-www-form-urlencoded');

/** A browser asks for HTML by name; programs say application/json, or that anything will do. */
export const wantsPage = (accept: string | undefined): boolean => (accept ?? '').includes('text/html');

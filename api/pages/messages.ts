/** The short pages: thank you, why a link cannot be used any more, and the one answer to every link that never could. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../kernel/errors.ts';
import type { TokenKind } from '../../kernel/tokens.ts';
import type { Dependencies, Exchange } from '../context.ts';
import { sendProblem } from '../http/problems.ts';
import { tokenPath } from '../schemas/wire.ts';
import { type DeadLink, type Fate, findDead } from './dead-links.ts';
import { html } from './html.ts';
import { isFromPage, type Page, sendPage, wantsPage } from './page.ts';

/** Answers a refusal as the caller reads: a page for a browser, a problem document for a program. */
function sendNotValid(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
  if (!wantsPage(request.headers.accept)) return sendProblem(reply, refusal);
  return sendPage(reply, { ...notValidPage, status: refusal.status });
}

const notValidPage: Page = {
  title: 'This link cannot be used',
  content: html`<h1>This link cannot be used</h1>
<p class="lead">If you have already sent us your answers, there is nothing more to do: we have them.</p>
<p>Otherwise the link may have expired, or its address is not complete. Please open it again from the newest mail we
sent you, or ask us for a new link by answering that mail.</p>`,
};

export const thankYou = (title: string) => html`<h1>Thank you</h1>
<p class="lead">We have received your answers to “${title}”.</p>
<p>There is nothing more to do now. We look at them and write to you if anything is missing. You may close this page.</p>`;

const words: Record<Fate, { heading: string; lead: string; next: string }> = {
  answered: {
    heading: 'This is already done',
    lead: 'We have received the answer to this.',
    next: 'This link cannot be used again. There is nothing more to do.',
  },
  settled: {
    heading: 'This is no longer needed',
    lead: 'We have continued without your answer.',
    next: 'There is nothing more to do. Please reply to our email if you think this is wrong.',
  },
  held: {
    heading: 'This is on hold',
    lead: 'Something else has to be in place before we can take your answer.',
    next: 'This link works again then. Please try it later, or reply to our email if you have a question.',
  },
  superseded: {
    heading: 'This has changed',
    lead: 'What this link was for has changed since we sent it.',
    next: 'A new email follows, if you do not have it already. Please use the link in the newest one.',
  },
  expired: {
    heading: 'This link has expired',
    lead: 'We still need your answer.',
    next: 'Ask for a new link, and we send it to the address that this one went to.',
  },
  renewed: {
    heading: 'A new link is on its way',
    lead: 'We send it to the address that this one went to.',
    next: 'Please use the link in the newest email. You may close this page.',
  },
  ended: {
    heading: 'This order has ended',
    lead: 'Your answer is no longer needed.',
    next: 'There is nothing more to do. Please reply to our email if you think this is wrong.',
  },
};

/** `path` is that of the page itself, where a new one is asked for. */
export function sendDead(
  reply: FastifyReply,
  { fate, title, order, agency }: DeadLink,
  { status, path }: { status: number; path: string },
): FastifyReply {
  const { heading, lead, next } = words[fate];
  const content = html`<h1>${heading}</h1>
<p class="lead">${lead} It is about “${title}”, for ${order.state.title}.</p>
<p>${next}</p>
${fate === 'expired' && html`<form method="post" action="${path}/renew"><button type="submit">Send me a new link</button></form>`}`;
  return sendPage(reply, { title: heading, agency, content, status });
}

/** What the page of a route is, and where to look for why it is dead. */
interface Asked {
  kind: TokenKind;
  deps: Dependencies;
}

/**
 * Runs a page's handler. Whoever holds a link that was good reads why it is not any more; programs, and whoever made one
 * up, get the same answer always. Everything else is an error as usual.
 */
export async function answeringLinks(
  { request, reply }: Exchange,
  { kind, deps }: Asked,
  handle: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await handle();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'link_not_valid') throw error;
    const { token } = tokenPath.parse(request.params);
    const dead = await findDead(kind, token, deps);
    request.isProven = dead !== undefined;
    if (!dead || !isFromPage(request)) return sendNotValid(request, reply, error);
    const path = kind === 'link' ? `/onboarding/${token}` : `/approve/${token}`;
    return sendDead(reply, dead, { status: error.status, path });
  }
}

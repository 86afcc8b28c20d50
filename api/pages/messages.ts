/** The short pages: thank you, and the one answer to every link that cannot be used. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../kernel/errors.ts';
import { sendProblem } from '../http/problems.ts';
import { html } from './html.ts';
import { type Page, sendPage, wantsPage } from './page.ts';

/** Answers a refusal as the caller reads: a page for a browser, a problem document for a program. */
export function sendNotValid(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
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

/** Runs a page's handler; a link that cannot be used is answered in the one way, everything else is an error as usual. */
export async function answeringLinks(
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  handle: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'link_not_valid') return sendNotValid(request, reply, error);
    throw error;
  }
}

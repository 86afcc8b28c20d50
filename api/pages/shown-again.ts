/**
 * Whatever goes wrong with a page that a browser has posted is answered with a page: the same one, with what to change,
 * or, where nobody can change anything, a short one that says so. Programs get the problem document as everywhere.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { FieldError, Refusal } from '../../kernel/errors.ts';
import type { TokenKind } from '../../kernel/tokens.ts';
import type { Dependencies, Exchange } from '../context.ts';
import { refusalOf } from '../http/problems.ts';
import { html } from './html.ts';
import { answeringLinks } from './messages.ts';
import { isFromPage, sendPage } from './page.ts';

type Again = (exchange: Exchange, problem: { errors: FieldError[]; status: number }) => Promise<FastifyReply>;

/** The error handler of a page's route. `again` shows the page with the errors; a link that is dead by then is answered as such. */
export function shownAgain(asked: { kind: TokenKind; deps: Dependencies }, again: Again) {
  const { log } = asked.deps;
  return async (error: FastifyError | Refusal, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (!isFromPage(request)) throw error;
    const refusal = refusalOf(error);
    if (!refusal) log.error({ requestId: request.id, route: request.routeOptions.url, error: error.stack }, 'fault');
    const errors = refusal && whatToChange(refusal);
    if (!refusal || !errors) return sendTrouble({ request, reply }, refusal);
    return answeringLinks({ request, reply }, asked, () =>
      again({ request, reply }, { errors, status: refusal.status }),
    );
  };
}

/** What the person can do about it; undefined where only time helps. */
function whatToChange({ code, errors }: Refusal): FieldError[] | undefined {
  const whole = (message: string): FieldError[] => [{ pointer: '', rule: code, message }];
  switch (code) {
    case 'payload_too_large':
      return errors.length > 0
        ? errors
        : whole(
            'That is more than we can take at once. Please shorten your answers; your browser’s Back shows what you typed.',
          );
    case 'unsupported_media_type':
      return whole('Your browser sent this in a way that we cannot read. Please fill in this page and send it again.');
    case 'invalid_request':
    case 'exit_data_invalid':
      return errors.length > 0 && errors.every(({ pointer }) => pointer !== '')
        ? errors
        : whole('What your browser sent could not be read. Please fill in this page and send it again.');
    default:
      return undefined;
  }
}

function sendTrouble({ request, reply }: Exchange, refusal: Refusal | undefined): FastifyReply {
  const status = refusal?.status ?? 500;
  if (status === 503) reply.header('retry-after', '2');
  return sendPage(reply, {
    title: 'Please try again',
    status,
    content: html`<h1>Please try again in a minute</h1>
<p class="lead">We could not take this just now, and nothing of it was kept.</p>
<p>Your browser’s Back shows what you typed; send it again from there. If it does not help, answer the mail that brought you here and name ${request.id}.</p>`,
  });
}

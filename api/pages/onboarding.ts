/**
 * GET and POST /onboarding/:token: the client's form. GET changes nothing, however often a mail scanner opens it; POST
 * makes the one work item that the link is good for. The token itself goes no further than this file.
 */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import { acceptCommand } from '../../queues/accept-command.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { Dependencies, Exchange, Route } from '../context.ts';
import { openToAll } from '../http/policy.ts';
import { tokenPath } from '../schemas/wire.ts';
import { findForm, notValid, type OpenForm } from './client-links.ts';
import { fieldsFor, formPage } from './form-page.ts';
import { answeringLinks, thankYou } from './messages.ts';
import { sendPage, wantsPage } from './page.ts';
import { readForm } from './read-fields.ts';

const answersBody = z.record(z.string(), z.unknown());

export const onboardingPages: Route = (api, deps) => {
  api.route({
    method: 'GET',
    url: '/onboarding/:token',
    config: openToAll,
    schema: { tags: ['Pages'], summary: 'The form that a link leads to, as a page', params: tokenPath },
    handler: (request, reply) =>
      answeringLinks({ request, reply }, async () =>
        sendPage(reply, formPage(await findForm(request.params.token, deps))),
      ),
  });
  api.route({
    method: 'POST',
    url: '/onboarding/:token',
    config: openToAll,
    schema: {
      tags: ['Pages'],
      summary: 'Send in a form, by the page or as JSON',
      params: tokenPath,
      body: answersBody,
    },
    handler: (request, reply) =>
      answeringLinks({ request, reply }, async () => {
        const form = await findForm(request.params.token, deps);
        return submit({ request, reply }, form, deps);
      }),
  });
};

async function submit({ request, reply }: Exchange, form: OpenForm, deps: Dependencies): Promise<FastifyReply> {
  const posted = answersBody.parse(request.body);
  const isPage = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const answers = isPage ? readForm(fieldsFor(form), posted) : posted;
  try {
    await acceptAnswers(form, answers, request.id, deps);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code !== 'exit_data_invalid') throw notValid();
    const errors = error.errors.map((found) => ({ ...found, pointer: found.pointer.replace(/^\/answers/, '') }));
    if (isPage) return sendPage(reply, formPage(form, { values: answers, errors }));
    throw new Refusal(error.code, errors.map(({ pointer, message }) => `${pointer}: ${message}`).join(' '), errors);
  }
  if (!wantsPage(request.headers.accept) && !isPage) return reply.code(202).send({ received: true });
  return sendPage(reply, { title: 'Thank you', agency: form.agency, content: thankYou(form.stage.title) });
}

async function acceptAnswers(
  { link, order, work }: OpenForm,
  answers: Record<string, unknown>,
  requestId: string,
  deps: Dependencies,
): Promise<void> {
  const { _id, generation, stage, round } = link;
  const hash = hashOf(answers);
  const response = `${_id}-${generation}-${hash.slice(0, 16)}`;
  const command: OrderCommand = { type: 'submit-form', stage, round, link: _id, response, hash, answers };
  const asking = {
    work,
    actor: { type: 'client' as const, id: _id },
    cause: 'client-link' as const,
    command,
    requestId,
  };
  const { replayed } = await acceptCommand(asking, order, deps);
  if (replayed) throw notValid();
}

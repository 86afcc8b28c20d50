/**
 * GET and POST /onboarding/:token: the client's form. GET changes nothing, however often a mail scanner opens it; POST
 * makes the one work item that the link is good for, and is answered alike when the same answers come twice. The token
 * itself goes no further than this file.
 */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type FieldError, Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import { acceptCommand } from '../../queues/accept-command.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { fieldErrors } from '../../workflows/words/field-errors.ts';
import { inOurWords } from '../../workflows/words/messages.ts';
import type { Dependencies, Exchange, Route } from '../context.ts';
import { formBody } from '../http/body-limits.ts';
import { openToAll } from '../http/policy.ts';
import { tokenPath } from '../schemas/wire.ts';
import { findForm, findSentForm, notValid, type OpenForm } from './client-links.ts';
import { fieldsFor, formPage } from './form-page.ts';
import { html } from './html.ts';
import { keptAs, renderKept } from './kept-as.ts';
import { answeringLinks, thankYou } from './messages.ts';
import { isForm, isFromPage, sendPage } from './page.ts';
import { type Reading, readForm } from './read-fields.ts';
import { shownAgain } from './shown-again.ts';

const answersBody = z.record(z.string(), z.unknown());

export const onboardingPages: Route = (api, deps) => {
  const dead = { kind: 'link', deps } as const;
  const errorHandler = shownAgain(dead, async ({ request, reply }, { errors, status }) => {
    const form = await findForm(tokenPath.parse(request.params).token, deps);
    return sendPage(reply, formPage(form, { values: form.is.data ?? {}, errors, status }));
  });
  api.route({
    method: 'GET',
    url: '/onboarding/:token',
    config: openToAll,
    schema: { tags: ['Pages'], summary: 'The form that a link leads to, as a page', params: tokenPath },
    errorHandler,
    handler: (request, reply) =>
      answeringLinks({ request, reply }, dead, async () =>
        sendPage(reply, formPage(await findForm(request.params.token, deps))),
      ),
  });
  api.route({
    method: 'POST',
    url: '/onboarding/:token',
    ...formBody,
    // The form's own reader counts the fields, and says so on the page.
    config: { ...openToAll, mostValues: 100_000 },
    schema: {
      tags: ['Pages'],
      summary: 'Send in a form, by the page or as JSON',
      params: tokenPath,
      body: answersBody,
    },
    errorHandler,
    handler: (request, reply) =>
      answeringLinks({ request, reply }, dead, async () => {
        const form = await findSentForm(request.params.token, deps);
        const posted = request.body;
        const isPosted = isForm(request.headers['content-type']);
        const reading = isPosted ? readForm(fieldsFor(form), posted, form.writing) : unread(posted);
        return submit({ request, reply }, form, { reading, deps });
      }),
  });
};

const unread = (answers: Record<string, unknown>): Reading => ({ answers, typed: new Map(), errors: [] });

interface Submission {
  reading: Reading;
  deps: Dependencies;
}

async function submit({ request, reply }: Exchange, form: OpenForm, { reading, deps }: Submission) {
  const errors = faultsIn(form, reading);
  if (errors.length > 0) return answerWrong({ request, reply }, form, { reading, errors });
  const kept = keptAs(reading.typed, form.stage.exit?.safeParse(reading.answers).data, form.writing);
  const typed = kept.map(({ field, text }) => ({ field, text }));
  try {
    await acceptAnswers(form, { reading, typed, requestId: request.id }, deps);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code !== 'exit_data_invalid') throw notValid();
    const found = error.errors.map((one) => ({ ...one, pointer: one.pointer.replace(/^\/answers/, '') }));
    return answerWrong({ request, reply }, form, { reading, errors: found });
  }
  if (!isFromPage(request)) return reply.code(202).send({ received: true });
  const content = html`${thankYou(form.stage.title)}${renderKept(kept)}`;
  return sendPage(reply, { title: 'Thank you', agency: form.agency, content });
}

/** What the reading found, and with it, so that all is told at once, what the schema says of everything else. */
function faultsIn({ stage }: OpenForm, { answers, errors }: Reading): FieldError[] {
  if (errors.length === 0) return [];
  const { error } = stage.exit?.safeParse(answers, inOurWords) ?? {};
  const told = new Set(errors.map(({ pointer }) => pointer));
  return [...errors, ...(error ? fieldErrors(error) : []).filter(({ pointer }) => !told.has(pointer))];
}

interface Wrong {
  reading: Reading;
  errors: FieldError[];
}

function answerWrong({ request, reply }: Exchange, form: OpenForm, { reading, errors }: Wrong): FastifyReply {
  const { answers: values, typed } = reading;
  const isPosted = isForm(request.headers['content-type']);
  if (isFromPage(request)) return sendPage(reply, formPage(form, { values, errors, ...(isPosted && { typed }) }));
  const isUnknown = errors.every(({ rule }) => rule === 'unknown_field');
  const words = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join(' ');
  throw new Refusal(isPosted && isUnknown ? 'invalid_request' : 'exit_data_invalid', words, errors);
}

interface Given {
  reading: Reading;
  typed: { field: string; text: string }[];
  requestId: string;
}

async function acceptAnswers(
  { link, order, work }: OpenForm,
  { reading: { answers }, typed, requestId }: Given,
  deps: Dependencies,
): Promise<void> {
  const { _id, generation, stage, round } = link;
  const hash = hashOf(answers);
  const response = `${_id}-${generation}-${hash.slice(0, 16)}`;
  const given = { answers, ...(typed.length > 0 && { typed }) };
  const command: OrderCommand = { type: 'submit-form', stage, round, link: _id, response, hash, ...given };
  const asking = {
    work,
    actor: { type: 'client' as const, id: _id },
    cause: 'client-link' as const,
    command,
    requestId,
  };
  const { item, replayed } = await acceptCommand(asking, order, deps);
  if (replayed && item.state !== 'open' && item.state !== 'done') throw notValid();
}

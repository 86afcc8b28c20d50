/**
 * GET and POST /onboarding/:token: the client's form. GET changes nothing, however often a mail scanner opens it; POST
 * makes the one work item that the link is good for, and is answered alike when the same answers come twice. The token
 * itself goes no further than this file.
 */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type FieldError, Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import type { WorkItem } from '../../kernel/work.ts';
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
import { closedOf, filledUp, openedOf, postedIn, withoutClosed } from './revision.ts';
import { shownAgain } from './shown-again.ts';

const answersBody = z
  .record(z.string(), z.unknown())
  .describe(
    'The answers by name. Of a form that was returned, only the flagged ones need to be sent; the others stay as they are. ' +
      'To change one of those, name it in `_opened`, a list.',
  );

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
        return take({ request, reply }, form, deps);
      }),
  });
};

/** What was sent, or the page once more where a button asks to change another answer: then nothing is sent in. */
function take(
  { request, reply }: Exchange,
  form: OpenForm & { sent: WorkItem | null },
  deps: Dependencies,
): Promise<FastifyReply> | FastifyReply {
  const { answers: posted, opened: named, opening } = postedIn(request.body as Record<string, unknown>);
  const isPosted = isForm(request.headers['content-type']);
  const opened = openedOf(form, named);
  const read = (closed: string[]) => withoutClosed(form, readForm(fieldsFor(form), posted, form.writing), closed);
  if (isPosted && opening !== undefined && !form.sent) {
    const aside = closedOf(
      form,
      opened.filter((name) => name !== opening),
    );
    const { answers: values, typed } = read(aside);
    return sendPage(reply, formPage(form, { values, typed, errors: [], opened, aside }));
  }
  const closed = closedOf(form, opened);
  const reading = isPosted ? read(closed) : unread(filledUp(form, posted, closed));
  return submit({ request, reply }, form, { reading, opened, deps });
}

const unread = (answers: Record<string, unknown>): Reading => ({ answers, typed: new Map(), errors: [] });

interface Submission {
  reading: Reading;
  /** The answers that the client asks to change besides those that were flagged. */
  opened: string[];
  deps: Dependencies;
}

async function submit({ request, reply }: Exchange, form: OpenForm, { reading, opened, deps }: Submission) {
  const errors = faultsIn(form, reading);
  if (errors.length > 0) return answerWrong({ request, reply }, form, { reading, opened, errors });
  const kept = keptAs(reading.typed, form.stage.exit?.safeParse(reading.answers).data, form.writing);
  const typed = kept.map(({ field, text }) => ({ field, text }));
  try {
    await acceptAnswers(form, { reading, typed, opened, requestId: request.id }, deps);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code !== 'exit_data_invalid') throw notValid();
    const found = error.errors.map((one) => ({ ...one, pointer: one.pointer.replace(/^\/answers/, '') }));
    return answerWrong({ request, reply }, form, { reading, opened, errors: found });
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
  opened: string[];
  errors: FieldError[];
}

function answerWrong({ request, reply }: Exchange, form: OpenForm, { reading, opened, errors }: Wrong): FastifyReply {
  const { answers: values, typed } = reading;
  const isPosted = isForm(request.headers['content-type']);
  const aside = closedOf(form, opened);
  const shown = { values, errors, aside, opened: [...opened, ...faultyIn(aside, errors)] };
  if (isFromPage(request)) return sendPage(reply, formPage(form, { ...shown, ...(isPosted && { typed }) }));
  const isUnknown = errors.every(({ rule }) => rule === 'unknown_field');
  const words = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join(' ');
  throw new Refusal(isPosted && isUnknown ? 'invalid_request' : 'exit_data_invalid', words, errors);
}

/** A closed answer that is at fault has to be changed after all. */
const faultyIn = (closed: readonly string[], errors: readonly FieldError[]): string[] =>
  closed.filter((field) => errors.some(({ pointer }) => pointer.split('/')[1] === field));

interface Given {
  reading: Reading;
  opened: string[];
  typed: { field: string; text: string }[];
  requestId: string;
}

async function acceptAnswers(
  { link, order, work }: OpenForm,
  { reading: { answers }, typed, opened, requestId }: Given,
  deps: Dependencies,
): Promise<void> {
  const { _id, generation, stage, round } = link;
  const hash = hashOf(answers);
  const response = `${_id}-${generation}-${hash.slice(0, 16)}`;
  const given = { answers, ...(typed.length > 0 && { typed }), ...(opened.length > 0 && { opened }) };
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

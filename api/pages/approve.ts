/**
 * GET and POST /approve/:token: the client's approval. Only a POST decides; opening the page again after that shows the
 * decision, and a second decision changes nothing.
 */

import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { clip } from '../../kernel/clip.ts';
import { type FieldError, Refusal } from '../../kernel/errors.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Approval } from '../../models/approval.ts';
import { acceptCommand } from '../../queues/accept-command.ts';
import { textUpTo } from '../../workflows/validators/text.ts';
import { type OrderCommand, person } from '../../workflows/words/commands.ts';
import type { Dependencies, Exchange, Route } from '../context.ts';
import { openToAll } from '../http/policy.ts';
import { tokenPath } from '../schemas/wire.ts';
import { approvalPage, type Decision, type Undecided } from './approval-page.ts';
import { type AskedApproval, findApproval, notValid } from './client-links.ts';
import { answeringLinks } from './messages.ts';
import { isFromPage, sendPage } from './page.ts';
import { shownAgain } from './shown-again.ts';

const decisionBody = z.strictObject({
  decision: z.enum(['approve', 'changes', 'delegate']).optional(),
  comment: textUpTo(2_000).optional(),
  name: textUpTo(200).optional().describe('Who should decide instead, if the decision is passed on.'),
  email: textUpTo(254).optional(),
});

type Body = z.infer<typeof decisionBody>;

export const approvalPages: Route = (api, deps) => {
  const dead = { kind: 'approval', deps } as const;
  const errorHandler = shownAgain(dead, async ({ request, reply }, { errors, status }) => {
    const asked = await findApproval(tokenPath.parse(request.params).token, deps);
    const error = errors.map(inPlainWords).join(' ');
    const wrong = { error, given: givenIn(request.body) };
    return sendPage(reply, approvalPage(asked, { ...standingOf(asked), wrong, status: status === 400 ? 422 : status }));
  });
  api.route({
    method: 'GET',
    url: '/approve/:token',
    config: openToAll,
    schema: { tags: ['Pages'], summary: 'What a client is asked to approve, as a page', params: tokenPath },
    errorHandler,
    handler: (request, reply) =>
      answeringLinks({ request, reply }, dead, async () => {
        const asked = await findApproval(request.params.token, deps);
        return sendPage(reply, approvalPage(asked, standingOf(asked)));
      }),
  });
  api.route({
    method: 'POST',
    url: '/approve/:token',
    config: openToAll,
    schema: {
      tags: ['Pages'],
      summary: 'Approve, or ask for changes, by the page or as JSON',
      params: tokenPath,
      body: decisionBody,
    },
    errorHandler,
    handler: (request, reply) =>
      answeringLinks({ request, reply }, dead, async () => {
        const asked = await findApproval(request.params.token, deps);
        if (asked.decided && fateOf(asked.decided)) return answerFutile({ request, reply }, asked);
        const wrong = whatIsWrong(request.body);
        if (wrong) return answerWrong({ request, reply }, asked, { ...wrong, given: request.body });
        const given = decisionOf(request.body);
        return answerDecided({ request, reply }, asked, await decide(asked, given, request.id, deps));
      }),
  });
};

interface Answered extends Decision {
  /** Somebody had decided otherwise before. */
  late: boolean;
}

async function decide(asked: AskedApproval, given: Decision, requestId: string, deps: Dependencies): Promise<Answered> {
  const { approval, order, work, decided } = asked;
  if (decided) return standing(decided, given);
  const command = commandOf(approval, given);
  const actor = { type: 'client', id: approval._id } as const;
  try {
    const { item } = await acceptCommand({ work, actor, cause: 'client-link', command, requestId }, order, deps);
    return standing(item, given);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const meanwhile = error.code === 'key_reused' && (await deps.models.work.get(work));
    if (!meanwhile) throw notValid();
    return standing(meanwhile, given);
  }
}

/** Deciding and handing on have one id: whichever comes first is what the page was used for. */
function commandOf({ _id, stage, round, hash }: Approval, { decision, comment, recipient }: Decision): OrderCommand {
  if (decision === 'delegate' && recipient) {
    return { type: 'delegate-approval', stage, round, approval: _id, recipient };
  }
  const decided = decision === 'changes' ? ('changes' as const) : ('approve' as const);
  const asked = { type: 'decide-approval', stage, round, approval: _id, hash, decision: decided } as const;
  return { ...asked, ...(comment !== undefined && { comment }) };
}

function decisionOf({ decision = 'approve', comment, name = '', email = '' }: Body): Decision {
  if (decision === 'delegate') return { decision, recipient: { name, email } };
  return { decision, ...(comment && { comment }) };
}

function standing(item: WorkItem, given: Decision): Answered {
  const fate = fateOf(item);
  if (fate) throw new Refusal('approval_void', fate);
  const decision = decisionIn(item) ?? given;
  return { ...decision, late: decision.decision !== given.decision };
}

const decidedCommand = z.object({ decision: z.enum(['approve', 'changes']), comment: z.string().optional() });
const delegatedCommand = z
  .object({ type: z.literal('delegate-approval'), recipient: person })
  .transform(({ recipient }) => ({ decision: 'delegate' as const, recipient }));

/** The decision that a work item carries; none when it came to nothing. An open one stands: it will be carried out. */
function decisionIn(item: WorkItem | null): Decision | undefined {
  if (item && fateOf(item)) return undefined;
  const command = z.object({ command: z.union([decidedCommand, delegatedCommand]) }).safeParse(item?.payload);
  return command.data?.command;
}

function standingOf({ decided }: AskedApproval): { decision: Decision | undefined; fate: string | undefined } {
  return { decision: decisionIn(decided), fate: decided ? fateOf(decided) : undefined };
}

/** What became of an answer that was not carried out, in words for the client; undefined while it may still be, or was. */
function fateOf({ state, outcome }: WorkItem): string | undefined {
  if (state === 'open' || state === 'done') return undefined;
  if (state === 'dead') return 'We received your answer but could not process it yet. We are looking into it.';
  if (outcome?.code === 'approval_void' || outcome?.code === 'superseded') {
    return 'This changed before your answer arrived, so we did not use your answer. Please see our newest email for the current version.';
  }
  return 'We could not use your answer. Please decide using our newest email, or reply to it.';
}

/** What was typed, as far as the page has a place for it. */
function givenIn(body: unknown): Undecided['given'] {
  const posted = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  const texts = posted.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const { decision, comment, name, email } = Object.fromEntries(texts) as Undecided['given'];
  return { decision, comment, name, email };
}

const named: Record<string, string> = {
  comment: 'What should be changed',
  name: 'The name',
  email: 'The email address',
};

function inPlainWords({ pointer, rule, message }: FieldError): string {
  const field = pointer.slice(1);
  if (rule === 'unknown_field') {
    return `Your browser sent “${clip(field, 60)}”, which this page does not ask for; an extension may have added it. Please switch it off for this page, or open the link in a private window, and decide again.`;
  }
  if (field === 'decision') return 'Please choose whether you approve this.';
  return named[field] ? `${named[field]}: ${message}` : message;
}

function whatIsWrong({ decision, comment, name, email }: Body) {
  if (!decision) return { field: '/decision', error: 'Please choose whether you approve this.' };
  if (decision === 'delegate' && !person.safeParse({ name, email }).success) {
    return { field: '/email', error: 'Please tell us the name and email address of the person who should decide.' };
  }
  if (decision === 'changes' && !comment) return { field: '/comment', error: 'Please tell us what should be changed.' };
  return undefined;
}

function answerWrong(
  { request, reply }: Exchange,
  asked: AskedApproval,
  { field, error, given }: { field: string; error: string; given: Body },
): FastifyReply {
  if (!isFromPage(request)) {
    throw new Refusal('invalid_request', error, [{ pointer: field, rule: 'required', message: error }]);
  }
  return sendPage(reply, approvalPage(asked, { ...standingOf(asked), wrong: { error, given }, status: 422 }));
}

/** There was an answer, and it came to nothing: this link cannot take another. */
function answerFutile({ request, reply }: Exchange, asked: AskedApproval): FastifyReply {
  const stands = standingOf(asked);
  if (isFromPage(request)) return sendPage(reply, approvalPage(asked, { ...stands, status: 409 }));
  throw new Refusal('approval_void', stands.fate ?? '');
}

function answerDecided(
  { request, reply }: Exchange,
  asked: AskedApproval,
  { late, ...decision }: Answered,
): FastifyReply {
  if (isFromPage(request)) return sendPage(reply, approvalPage(asked, { decision, status: late ? 409 : 200 }));
  if (late) throw new Refusal('already_decided', `The decision "${decision.decision}" has already been made.`);
  return reply.code(202).send(decision);
}

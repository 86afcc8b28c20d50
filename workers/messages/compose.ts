/**
 * Gathers what a letter says: the order, whose client it is, and the address it leads to. Reads only. Addresses are
 * computed here, at the last moment, and go nowhere but into the mail.
 */
import { Refusal } from '../../kernel/errors.ts';
import { type TokenKind, tokenFor, tokenHash } from '../../kernel/tokens.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { LetterData } from '../../mail/letter.ts';
import { type Letter, letter, templateOf } from '../../mail/render.ts';
import type { Agency } from '../../models/agency.ts';
import type { Approval } from '../../models/approval.ts';
import type { Link } from '../../models/link.ts';
import type { Order } from '../../models/order.ts';
import type { Payload } from '../../queues/contract.ts';
import type { notifications } from '../../queues/notifications.ts';
import { sameMailbox } from '../../workflows/gates/reader.ts';
import { workflowFor } from '../../workflows/index.ts';
import { explainStage } from '../../workflows/telling/explain.ts';
import { firstZone } from '../../workflows/time/calendars.ts';
import { deadlineOf } from '../../workflows/time/deadline.ts';
import { calledOnce } from '../../workflows/words/state.ts';
import type { Context } from '../machine/context.ts';
import { mustStillAsk, mustStillBeFor, renamed } from '../machine/still-asked.ts';
import { mustBeTrue } from './still-true.ts';

type Sending = Payload<typeof notifications, 'notify'>;

/** Throws `superseded` when the letter asks for something that is no longer wanted. */
export async function compose(
  sending: Sending,
  { agency: agencyId, account: accountId }: WorkItem,
  context: Context,
): Promise<{ agency: Agency; letter: Letter }> {
  const { orders, agencies, accounts } = context.models;
  const [order, agency, account] = await Promise.all([
    orders.get(sending.order),
    agencies.get(agencyId),
    accounts.get(accountId),
  ]);
  if (!order) throw new Refusal('order_not_found', `There is no order ${sending.order}.`);
  const asked = renamed(order, sending);
  const { asks, explains = false } = templateOf(asked.template);
  if (asks) mustStillAsk(order, asked);
  await mustBeTrue(asked.template, order, context);
  const page = await pageOf(asked, order, context);
  if (!agency || !account) throw new Error(`Agency ${agencyId} or account ${accountId} is missing.`);
  const now = context.business.now();
  const data: LetterData = {
    brand: agency,
    recipient: asked.recipient.name,
    client: account.name,
    ...titlesOf(order, asked.stage),
    order: { id: order._id, title: order.state.title },
    timeZone: firstZone(account.timeZone, agency.timeZone),
    ...page,
    ...(asked.stage && explains && { why: explainStage(order.state, asked.stage, { now, grants: account.grants }) }),
    words: asked.data,
  };
  return { agency, letter: letter(asked.template, data) };
}

function titlesOf({ state }: Order, key: string | undefined): { product: string; step?: string } {
  const { title: product, stages } = workflowFor(state.product, state.workflowVersion);
  const step = stages.find((stage) => stage.key === key)?.title;
  return { product, ...(step && { step }) };
}

/** The page the letter leads to, if it does. */
async function pageOf(asked: Sending, order: Order, context: Context): Promise<Partial<LetterData>> {
  const { link: linkId, approval: approvalId } = asked;
  const closes = deadlineIn(order, asked);
  const { links, approvals } = context.models;
  if (linkId) {
    const link = await links.get(linkId);
    if (!link) throw new Error(`There is no link ${linkId}.`);
    mustBeFor(asked, link, order);
    const { revise: flags, note } = link;
    return { ...addressOf('link', link, context), ...closes, ...(flags && { flags }), ...(note && { note }) };
  }
  if (approvalId) {
    const approval = await approvals.get(approvalId);
    if (!approval) throw new Error(`There is no approval ${approvalId}.`);
    mustBeFor(asked, approval, order);
    return { ...addressOf('approval', approval, context), ...closes };
  }
  return {};
}

/** A link that was sent on to somebody else must not reach its first reader any more. */
function mustBeFor({ recipient }: Sending, page: Link | Approval, order: Order): void {
  mustStillBeFor(order, { stage: page.stage, recipient });
  if (sameMailbox(recipient, page.recipient)) return;
  throw new Refusal('superseded', 'The page is meant for another recipient by now.');
}

/** Until when the stage waits, as it stands now. */
function deadlineIn({ state }: Order, { stage }: Sending): { deadline?: Date } {
  const current = stage === undefined ? undefined : calledOnce(state, stage);
  const deadline = current && deadlineOf(workflowFor(state.product, state.workflowVersion), state, current);
  return deadline ? { deadline } : {};
}

const paths: Record<TokenKind, string> = { link: 'onboarding', approval: 'approve' };

/** Checked against the stored hash: after a change of the secret, a mail must not carry an address that leads nowhere. */
function addressOf(kind: TokenKind, subject: Link | Approval, { linkSecret, publicUrl }: Context) {
  const { _id: id, generation } = subject;
  const token = tokenFor(linkSecret, { kind, id, generation });
  if (tokenHash(token) !== subject.tokenHash) {
    throw new Error(`The ${kind} ${id} was made under another LINK_SECRET.`);
  }
  return { url: `${publicUrl}/${paths[kind]}/${token}` };
}

/**
 * Makes links and requests for approval. Each is one document whose id derives from the work item, made in one insert
 * that also holds what follows: the mail, and the command that tells the order. The token is computed, never stored.
 */
import { Refusal } from '../kernel/errors.ts';
import { hashedId } from '../kernel/ids.ts';
import { type TokenSubject, tokenFor, tokenHash } from '../kernel/tokens.ts';
import type { EffectDraft, WorkItem } from '../kernel/work.ts';
import type { ApprovalState } from '../models/approval.ts';
import type { Link, LinkState } from '../models/link.ts';
import type { Order } from '../models/order.ts';
import type { Payload } from '../queues/contract.ts';
import { from } from '../queues/from.ts';
import { notifications } from '../queues/notifications.ts';
import { onboarding } from '../queues/onboarding.ts';
import { setup } from '../queues/setup.ts';
import { sameMailbox } from '../workflows/gates/reader.ts';
import type { OrderCommand } from '../workflows/words/commands.ts';
import { apply, type Decision } from './machine/apply.ts';
import type { Context } from './machine/context.ts';
import { defineWorker } from './machine/define.ts';
import { mustStillAsk, mustStillBeFor } from './machine/still-asked.ts';

type LinkAsked = Payload<typeof onboarding, 'issue-link'>;
type ApprovalAsked = Payload<typeof onboarding, 'request-approval'>;

export const onboardingWorker = defineWorker({
  queue: onboarding,
  concurrency: 10,
  handlers: {
    async 'issue-link'(asked, item, context) {
      const order = await orderOf(asked, context);
      const id = (await context.models.links.standing(asked))?._id ?? hashedId('link', item._id);
      const decide = (link: Link | undefined) => decideLink({ order, link }, { id, asked, item, context });
      return apply({ stream: context.models.links, id, item, action: 'issue-link', decide }, context);
    },

    async 'request-approval'(asked, item, context) {
      const order = await orderOf(asked, context);
      const id = hashedId('approval', item._id);
      const decide = () => decideApproval(order, { id, asked, item, context });
      return apply({ stream: context.models.approvals, id, item, action: 'ask-approval', decide }, context);
    },
  },
});

async function orderOf({ order: id }: { order: string }, { models }: Context): Promise<Order> {
  const order = await models.orders.get(id);
  if (!order) throw new Refusal('order_not_found', `There is no order ${id}.`);
  return order;
}

interface Making<Asked> {
  id: string;
  asked: Asked;
  item: WorkItem;
  context: Context;
}

/**
 * Asked again for the same round, the link that is there is mailed again: under the same token, unless it goes to somebody
 * else now; then its old token is void.
 */
function decideLink(
  { order, link }: { order: Order; link: Link | undefined },
  { id, asked, item, context }: Making<LinkAsked>,
): Decision {
  mustStillAsk(order, asked);
  mustStillBeFor(order, asked);
  const { stage, round, form, revise, note, tracking } = asked;
  const stands = link && sameMailbox(link.recipient, asked.recipient);
  const generation = stands ? link.generation : (link?.generation ?? 0) + 1;
  const state: LinkState = {
    ...common(order, asked),
    ...sealed({ kind: 'link', id, generation }, context),
    form,
    ...(revise && { revise }),
    ...(note && { note }),
    ...(tracking && { tracking }),
    issuedAt: context.business.now(),
    ...(link && !stands && { formerTokens: [...(link.formerTokens ?? []), link.tokenHash] }),
  };
  const template = revise?.length || note ? 'onboarding-needs-changes' : 'onboarding-requested';
  const letter = mail(template, { ...asked, link: id }, item);
  const to = asked.recipient.email;
  const record = command({ type: 'record-link', stage, round, link: id, to }, order, item);
  return {
    set: { ...state },
    events: [{ type: link ? 'link-resent' : 'link-issued', stage, round, form, generation }],
    effects: [letter, record],
  };
}

function decideApproval(order: Order, { id, asked, item, context }: Making<ApprovalAsked>): Decision {
  mustStillAsk(order, asked);
  mustStillBeFor(order, asked);
  const { stage, round, snapshot, hash, recipient } = asked;
  const state: ApprovalState = {
    ...common(order, asked),
    ...sealed({ kind: 'approval', id, generation: 1 }, context),
    snapshot,
    hash,
  };
  return {
    set: { ...state },
    events: [{ type: 'approval-asked', stage, round, hash }],
    effects: [
      mail('approval-requested', { ...asked, approval: id }, item),
      command({ type: 'record-approval', stage, round, approval: id, to: recipient.email }, order, item),
    ],
  };
}

function common({ _id, agency, account }: Order, { stage, round, recipient }: LinkAsked | ApprovalAsked) {
  return { agency, account, order: _id, stage, round, recipient };
}

function sealed(subject: TokenSubject, { linkSecret }: Context) {
  return { generation: subject.generation, tokenHash: tokenHash(tokenFor(linkSecret, subject)) };
}

type About = Pick<LinkAsked, 'order' | 'stage' | 'round' | 'recipient'> & { link?: string; approval?: string };

function mail(
  template: string,
  { order, stage, round, recipient, link, approval }: About,
  item: WorkItem,
): EffectDraft {
  const subject = { ...(link && { link }), ...(approval && { approval }) };
  const payload = { template, order, stage, round, recipient, ...subject, data: {} };
  return notifications.draft('notify', payload, from(item));
}

function command(asked: OrderCommand, order: Order, item: WorkItem): EffectDraft {
  return setup.draft('command', { order: order._id, command: asked }, from(item));
}

/**
 * Looks at what a stage declares, and tells the order what was found. It changes nothing itself: the order decides what it
 * means. What it tells goes under an id made of its item's, so that a second delivery, which may find something else, is not
 * heard, and a second item for the same check is: the first may have told an order that could not take it in.
 */
import { withDeadline } from '../../kernel/deadline.ts';
import { Refusal } from '../../kernel/errors.ts';
import { hashedId } from '../../kernel/ids.ts';
import { seconds } from '../../kernel/time.ts';
import type { WorkDraft, WorkItem } from '../../kernel/work.ts';
import type { Order } from '../../models/order.ts';
import { accept } from '../../queues/accept.ts';
import type { checks } from '../../queues/checks.ts';
import type { Payload } from '../../queues/contract.ts';
import { from } from '../../queues/from.ts';
import { setup } from '../../queues/setup.ts';
import { workflowFor } from '../../workflows/index.ts';
import { looksAt } from '../../workflows/rules/ask-check.ts';
import type { Look, Looked } from '../../workflows/words/looks.ts';
import { isClosed } from '../../workflows/words/state.ts';
import type { Context } from '../machine/context.ts';
import { done, type Handler } from '../machine/define.ts';
import { lookAt } from './look.ts';
import { hostsOf, inShare } from './places.ts';
import { beginVisit } from './visit.ts';

type Asked = Payload<typeof checks, 'check'>;

const atOnce = 6;
/** What is not seen by then was not seen; it leaves time to say so. */
const patience = seconds(150);

export const checkStage: Handler<Asked> = async (asked, item, context, signal) => {
  const { models, nudger, clock } = context;
  const _id = hashedId('checked', item._id);
  if (await models.work.get(_id)) return done;
  const order = await models.orders.get(asked.order);
  if (!order) throw new Refusal('order_not_found', `There is no order ${asked.order}.`);
  const looks = looksOf(order, asked);
  const claim = { process: nudger, account: item.account, agency: item.agency, hosts: looks.flatMap(hostsOf) };
  const look = () => withDeadline(patience, (inTime) => lookAll(looks, context, inTime), signal);
  const seen = await inShare(claim, look);
  await tellOnce({ ...draftOf(asked, item, seen), _id }, { work: models.work, nudger, clock });
  return done;
};

/** Throws `superseded` when nobody waits for this check any more: a migration may have renamed its stage, too. */
function looksOf({ state }: Order, { stage: key, round, attempt }: Asked): Look[] {
  const is = state.stages.find((candidate) => candidate.key === key);
  const stage = workflowFor(state.product, state.workflowVersion).stages.find((candidate) => candidate.key === key);
  const isAwaited = !isClosed(state) && is?.round === round && is.check?.attempt === attempt && is.check.isUnderway;
  if (stage && isAwaited) return looksAt(stage, state, is.data ?? {});
  throw new Refusal('superseded', `Nobody waits for check ${attempt} of "${key}" in round ${round} any more.`);
}

interface Seen {
  results: Looked[];
  wait?: number;
}

async function lookAll(looks: readonly Look[], context: Context, signal: AbortSignal): Promise<Seen> {
  const visit = beginVisit(context, signal);
  const results: Looked[] = [];
  const queue = looks.entries();
  const lookOn = async () => {
    for (const [index, look] of queue) results[index] = await lookAt(look, visit);
  };
  await Promise.all(Array.from({ length: atOnce }, lookOn));
  const wait = visit.wait();
  return { results, ...(wait !== undefined && { wait }) };
}

function draftOf({ order, stage, round, attempt }: Asked, item: WorkItem, seen: Seen): Omit<WorkDraft, '_id'> {
  const { agency, account, requestId } = item;
  const command = { type: 'record-check' as const, stage, round, attempt, ...seen };
  return setup.draft('command', { order, command }, from({ agency, account, order, ...(requestId && { requestId }) }));
}

/** Another delivery may have told it first, and found something else: then that counts. */
async function tellOnce(draft: WorkDraft, ports: Parameters<typeof accept>[1]): Promise<void> {
  try {
    await accept(draft, ports);
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'key_reused')) throw error;
  }
}

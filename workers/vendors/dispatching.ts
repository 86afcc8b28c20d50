/**
 * The rules of a dispatch: what each try, answer or silence makes of it, and what must be done next. Future tries are
 * work items with a later `runAt`. Nothing is asked here; what the vendor said is handed in.
 */

import { type Actor, system } from '../../kernel/actor.ts';
import { clip } from '../../kernel/clip.ts';
import { Refusal } from '../../kernel/errors.ts';
import { fold } from '../../kernel/fold.ts';
import { hashOf } from '../../kernel/ids.ts';
import { after } from '../../kernel/time.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Dispatch, DispatchState } from '../../models/dispatch.ts';
import type { Order } from '../../models/order.ts';
import type { Vendor } from '../../models/vendor.ts';
import { from } from '../../queues/from.ts';
import { fulfillment, type VendorAnswer } from '../../queues/fulfillment.ts';
import { setup } from '../../queues/setup.ts';
import { stageOf } from '../../workflows/graph/paths.ts';
import { workflowFor } from '../../workflows/index.ts';
import { isOver } from '../../workflows/words/state.ts';
import type { Decision } from '../machine/apply.ts';
import type { Context } from '../machine/context.ts';
import { mustStillAsk } from '../machine/still-asked.ts';

/** What came of asking. `vendor` is as it was when asked. */
export type CallResult = { vendor: Vendor } & (
  | { type: 'accepted'; reference?: string | undefined }
  | { type: 'answered'; answer: VendorAnswer }
  | { type: 'pending'; delay?: number | undefined }
  | { type: 'try-again'; why: string; delay?: number | undefined }
  | { type: 'put-off'; delay: number }
  | { type: 'refused'; why: string }
  | { type: 'too-old' }
  | { type: 'withdrawn'; why: string }
);

interface Making {
  id: string;
  order: Order;
  vendor: Vendor;
  stage: string;
  round: number;
  asked?: string | undefined;
  item: WorkItem;
}

/** The record, and the first call. The body is fixed here: every try sends the same bytes under the same key. */
export function firstState(making: Making, { business, publicUrl }: Context): Decision {
  const { id, order, vendor, stage, round, asked, item } = making;
  mustStillAsk(order, { stage, round, asked });
  const { product, tier, title, options, stages } = order.state;
  const askedAt = business.now();
  const workflow = workflowFor(product, order.state.workflowVersion);
  const inputs = Object.fromEntries(
    stages.flatMap((one) => {
      const isShown = isOver(one) && !stageOf(workflow, one.key).gateRules.isConfidential;
      return isShown && one.data ? [[one.key, one.data]] : [];
    }),
  );
  const callback = `${publicUrl}/v1/callbacks/${vendor._id}`;
  const data = { dispatch: id, callback, order: order._id, product, tier, title, options, stage, round, inputs };
  const state: DispatchState = {
    ...{ agency: order.agency, account: order.account, order: order._id, stage, round, vendor: vendor._id },
    ...{ status: 'calling', askedAt, attempts: 0, ...(asked !== undefined && { asked }) },
    body: JSON.stringify({ type: 'dispatch.requested', timestamp: askedAt.toISOString(), data }),
  };
  return {
    set: { ...state },
    events: [{ type: 'dispatch-made', vendor: vendor._id, stage, round }],
    effects: [fulfillment.draft('call', { dispatch: id, attempt: 1 }, own(item, item))],
  };
}

interface Tried {
  result: CallResult;
  attempt: number;
  item: WorkItem;
}

export function afterCall(now: Dispatch, { result, attempt, item }: Tried, { business }: Context): Decision {
  const later = (ms: number, next: number) => [
    fulfillment.draft(
      'call',
      { dispatch: now._id, attempt: next },
      { ...own(item, item), runAt: after(business.now(), ms) },
    ),
  ];
  const tried = { attempts: attempt };
  switch (result.type) {
    case 'accepted':
    case 'pending': {
      const reference = result.type === 'accepted' ? result.reference : undefined;
      return accepted(now, { vendor: result.vendor, reference, attempts: attempt, item }, business.now());
    }
    case 'answered': {
      const { set, ...rest } = afterAnswer(now, { answer: result.answer, item });
      return { ...rest, set: { ...set, ...tried } };
    }
    case 'try-again': {
      const wait = result.vendor.schedule[attempt - 1];
      if (wait === undefined) {
        const { set, ...rest } = forAPerson(
          now,
          { why: `${result.why} All ${attempt} tries are used up.`, vendor: result.vendor },
          item,
        );
        return { ...rest, set: { ...set, ...tried } };
      }
      const effects = later(Math.max(wait, result.delay ?? 0), attempt + 1);
      return { set: tried, events: [{ type: 'call-failed', attempt, why: result.why }], effects };
    }
    case 'put-off':
      return { set: {}, events: [{ type: 'call-put-off', attempt }], effects: later(result.delay, attempt) };
    case 'refused':
      return ended(now, { status: 'failed', why: result.why, by: system }, item);
    case 'too-old':
      return forAPerson(
        now,
        { why: 'The first try is older than the vendor remembers its key.', vendor: result.vendor },
        item,
      );
    case 'withdrawn':
      return withdrawn(result.why);
  }
}

export function afterPoll(now: Dispatch, { result, attempt, item }: Tried, { business }: Context): Decision {
  if (result.type === 'answered') return afterAnswer(now, { answer: result.answer, item });
  if (result.type === 'withdrawn') return withdrawn(result.why);
  const { pollAfter, answerWithin } = result.vendor;
  const asked = result.type === 'pending' ? (result.delay ?? 0) : 0;
  const next = after(business.now(), Math.max(pollAfter * 2 ** attempt, asked));
  const end = after(now.askedAt, answerWithin);
  if (business.now() >= end) {
    return forAPerson(now, { why: 'No answer came within the time agreed.', vendor: result.vendor }, item);
  }
  const runAt = next < end ? next : end;
  const effects = [
    fulfillment.draft(
      'poll',
      { dispatch: now._id, attempt: attempt + 1 },
      { ...own(item, item), ...(runAt && { runAt }) },
    ),
  ];
  return { set: {}, events: [{ type: 'answer-asked-for', attempt }], effects };
}

/** A word that they are at it makes a call in doubt an accepted one; an end is an end, whatever was known before. */
export function afterAnswer(now: Dispatch, { answer, item }: { answer: VendorAnswer; item: WorkItem }): Decision {
  const { status, reference, result = {}, message } = answer;
  const noted = { ...named(reference), ...(message !== undefined && { note: message }) };
  if (status === 'progressed') {
    return { set: { ...noted, status: 'accepted' }, events: [{ type: 'dispatch-progressed' }], effects: [] };
  }
  const by: Actor = { type: 'service', id: `vendor-${now.vendor}` };
  const outcome = {
    status: status === 'completed' ? ('done' as const) : ('failed' as const),
    why: message,
    by,
    result,
  };
  const { set, events, effects } = ended(now, outcome, item);
  return { set: { ...set, ...noted }, events, effects };
}

/** What was done after all is for the order to know; everything else was said, or was better, before. */
export function afterLateAnswer(now: Dispatch, answered: { answer: VendorAnswer; item: WorkItem }): Decision {
  const { status, result = {} } = answered.answer;
  if (status !== 'completed' || (now.status === 'done' && now.answered === hashOf(result))) {
    throw new Refusal('superseded', `Dispatch ${now._id} is ${now.status} by now.`);
  }
  return afterAnswer(now, answered);
}

function withdrawn(why: string): Decision {
  return { set: { status: 'withdrawn' }, events: [{ type: 'dispatch-withdrawn', why }], effects: [] };
}

/** What they call it, and as people look for it. */
const named = (reference: string | undefined) =>
  reference === undefined ? {} : { reference, referenceKey: clip(fold(reference), 120) };

interface Acceptance {
  vendor: Vendor;
  reference: string | undefined;
  attempts: number;
  item: WorkItem;
}

function accepted(now: Dispatch, { vendor, reference, attempts, item }: Acceptance, at: Date): Decision {
  const first = vendor.statusUrl ? vendor.pollAfter : vendor.answerWithin;
  return {
    set: { status: 'accepted', attempts, ...named(reference) },
    events: [{ type: 'dispatch-accepted', attempt: attempts }],
    effects: [
      fulfillment.draft('poll', { dispatch: now._id, attempt: 1 }, { ...own(item, item), runAt: after(at, first) }),
    ],
  };
}

interface End {
  status: 'done' | 'failed' | 'unknown';
  why?: string | undefined;
  by: Actor;
  result?: Record<string, unknown>;
}

/** The order hears of it by a command of its own; it decides what the answer means for the stage. */
function ended(now: Dispatch, { status, why, by, result = {} }: End, item: WorkItem): Decision {
  const outcome = status === 'done' ? ('completed' as const) : status;
  const note = why === undefined ? undefined : clip(why.trim(), 2_000);
  const asked = now.asked !== undefined && { asked: now.asked };
  const answer = { dispatch: now._id, ...asked, outcome, data: result, ...(note && { note }) };
  const command = { type: 'record-answer' as const, stage: now.stage, round: now.round, ...answer };
  const teller = { ...own(item, now), actor: by, cause: 'callback' as const };
  return {
    set: { status, ...(note && { note }), ...(status === 'done' && { answered: hashOf(result) }) },
    events: [{ type: 'dispatch-ended', status }],
    effects: [setup.draft('command', { order: now.order, command }, teller)],
  };
}

function forAPerson(now: Dispatch, { why, vendor }: { why: string; vendor: Vendor }, item: WorkItem): Decision {
  const cure = `Ask ${vendor._id} (${vendor.name}) before it is asked again.`;
  return ended(now, { status: 'unknown', why: `${why} ${cure}`, by: system }, item);
}

/** For the order's account: a callback may have come under another. */
const own = ({ requestId }: WorkItem, { agency, account, order }: Pick<WorkItem, 'agency' | 'account' | 'order'>) =>
  from({ agency, account, ...(order && { order }), ...(requestId && { requestId }) });

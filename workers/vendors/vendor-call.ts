/**
 * One try of a vendor call: whether it is still wanted, whether it may still be repeated, whether the vendor takes calls,
 * and then the call. Only so many are under way per vendor, so that a slow one cannot hold up the others.
 */
import { NotYet, Refusal } from '../../kernel/errors.ts';
import { retryAfter } from '../../kernel/retry-after.ts';
import { after, hours, seconds } from '../../kernel/time.ts';
import type { Dispatch } from '../../models/dispatch.ts';
import type { Vendor } from '../../models/vendor.ts';
import { vendorAnswer } from '../../queues/fulfillment.ts';
import { httpGuard, type OutsideAnswer, type OutsideCall } from '../../runtime/http-guard.ts';
import { vendorCalls } from '../../runtime/metrics.ts';
import { AddressRefused, NoAnswer } from '../../runtime/no-answer.ts';
import { signedHeaders } from '../../runtime/webhook.ts';
import { requireSound } from '../../workflows/words/sound.ts';
import { bulkhead } from '../machine/bulkhead.ts';
import type { Context } from '../machine/context.ts';
import { mustStillAsk } from '../machine/still-asked.ts';
import type { CallResult } from './dispatching.ts';

const strict = httpGuard();
const fullFor = seconds(2);
/** Of the hundred places of the worker. A vendor's own limit holds over all processes, and is smaller as a rule. */
const inShare = bulkhead({ account: 25, agency: 50, host: 50 });
const longestWait = hours(1);

export async function callVendor(dispatch: Dispatch, context: Context, signal: AbortSignal): Promise<CallResult> {
  const { models, clock } = context;
  const vendor = await vendorOf(dispatch, context);
  const withdrawn = await noLongerAsked(dispatch, context);
  if (withdrawn) return { type: 'withdrawn', why: withdrawn, vendor };
  if (isTooOld(dispatch, vendor, context)) return { type: 'too-old', vendor };
  const closed = await models.vendorGate.closedUntil(vendor._id, clock.now());
  if (closed) return { type: 'put-off', delay: closed.getTime() - clock.now().getTime() + spread(dispatch), vendor };

  const headers = {
    'content-type': 'application/json',
    'idempotency-key': dispatch._id,
    ...signedHeaders(vendor.secrets, { id: dispatch._id, at: clock.now(), body: dispatch.body }),
  };
  const call = { method: 'POST' as const, url: vendor.url, headers, body: dispatch.body };
  return insideLimit({ vendor, dispatch }, context, async () => {
    await models.dispatches.markSent(dispatch._id, clock.now());
    return meaningOf(await ask(call, context, signal), vendor, context);
  });
}

/** A vendor without a status page is not asked: then only the time agreed counts. */
export async function pollVendor(dispatch: Dispatch, context: Context, signal: AbortSignal): Promise<CallResult> {
  const vendor = await vendorOf(dispatch, context);
  const withdrawn = await noLongerAsked(dispatch, context);
  if (withdrawn) return { type: 'withdrawn', why: withdrawn, vendor };
  if (!vendor.statusUrl) return { type: 'pending', vendor };
  const url = `${vendor.statusUrl}/${dispatch._id}`;
  const headers = signedHeaders(vendor.secrets, { id: dispatch._id, at: context.clock.now(), body: '' });
  return insideLimit({ vendor, dispatch }, context, async () => {
    const answer = await ask({ method: 'GET', url, headers }, context, signal);
    if (answer instanceof Error) return { type: 'pending', vendor };
    const given = answer.status === 200 ? answerIn(answer) : undefined;
    if (!given || given.status === 'progressed') return { type: 'pending', delay: delayIn(answer, context), vendor };
    return { type: 'answered', answer: given, vendor };
  });
}

async function vendorOf({ vendor: id }: Dispatch, { models }: Context): Promise<Vendor> {
  const vendor = await models.vendors.get(id);
  if (!vendor) throw new Error(`There is no vendor ${id}.`);
  return vendor;
}

async function noLongerAsked(
  { order: id, stage, round, asked }: Dispatch,
  { models }: Context,
): Promise<string | undefined> {
  const order = await models.orders.get(id);
  if (!order) return 'The order has gone.';
  try {
    mustStillAsk(order, { stage, round, asked });
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

/** Beyond their memory of the key a repetition would be a second order; before the first call nothing can be repeated. */
function isTooOld({ firstSentAt }: Dispatch, { keyMemory }: Vendor, { clock }: Context): boolean {
  return firstSentAt !== undefined && clock.now().getTime() - firstSentAt.getTime() > keyMemory;
}

async function insideLimit<T>(
  { vendor, dispatch }: { vendor: Vendor; dispatch: Dispatch },
  { models, clock }: Context,
  act: () => Promise<T>,
): Promise<T> {
  const { host } = new URL(vendor.url);
  return inShare({ account: dispatch.account, agency: dispatch.agency, hosts: [host] }, async () => {
    const slot = await models.vendorGate.enter(vendor._id, vendor.limit, clock.now());
    if (!slot) throw new NotYet(`${vendor._id} has ${vendor.limit} calls under way.`, fullFor);
    try {
      return await act();
    } finally {
      await models.vendorGate.leave(slot, clock.now());
    }
  });
}

async function ask(
  call: OutsideCall,
  { outside = strict }: Context,
  signal: AbortSignal,
): Promise<OutsideAnswer | Error> {
  try {
    const answer = await outside.call(call, signal);
    vendorCalls.inc({ result: `${Math.floor(answer.status / 100)}xx` });
    return answer;
  } catch (error) {
    vendorCalls.inc({ result: error instanceof AddressRefused ? 'refused' : 'no-answer' });
    if (error instanceof NoAnswer || error instanceof AddressRefused) return error;
    throw error;
  }
}

async function meaningOf(answer: OutsideAnswer | Error, vendor: Vendor, context: Context): Promise<CallResult> {
  const { clock, models } = context;
  const { vendorGate } = models;
  if (answer instanceof AddressRefused) return { type: 'refused', why: answer.message, vendor };
  if (answer instanceof Error) {
    await vendorGate.failed(vendor._id, clock.now());
    return { type: 'try-again', why: answer.message, vendor };
  }
  const { status } = answer;
  const why = `${vendor._id} answered ${status}.`;
  if (status >= 200 && status < 300) {
    await vendorGate.answered(vendor._id);
    const given = answerIn(answer);
    if (!given || given.status === 'progressed') return { type: 'accepted', reference: given?.reference, vendor };
    return { type: 'answered', answer: given, vendor };
  }
  const delay = delayIn(answer, context);
  if (status === 429 || status === 503) {
    if (delay !== undefined) await vendorGate.askedToWait(vendor._id, after(clock.now(), delay));
    else if (status === 503) await vendorGate.failed(vendor._id, clock.now());
    return { type: 'try-again', why, delay, vendor };
  }
  if (status >= 500) {
    await vendorGate.failed(vendor._id, clock.now());
    return { type: 'try-again', why, delay, vendor };
  }
  if ([408, 409, 425].includes(status)) return { type: 'try-again', why, delay, vendor };
  return { type: 'refused', why, vendor };
}

/** How long they want to be left alone, where they say so. */
const delayIn = ({ headers }: OutsideAnswer, { clock }: Context): number | undefined =>
  retryAfter(headers['retry-after'], { now: clock.now(), most: longestWait });

/** What they say is only taken when it has the form agreed; anything else says no more than the status did. */
function answerIn({ body }: OutsideAnswer) {
  try {
    const said: unknown = JSON.parse(body);
    requireSound(said);
    return vendorAnswer.safeParse(said).data;
  } catch {
    return undefined;
  }
}

/** Those that wait for the same vendor do not all come back at once. */
const spread = ({ _id }: Dispatch): number => Number.parseInt(_id.slice(0, 4), 16) % seconds(10);

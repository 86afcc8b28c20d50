import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import { hours, minutes, systemClock } from '../../kernel/time.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Dispatch } from '../../models/dispatch.ts';
import type { Vendor } from '../../models/vendor.ts';
import type { HttpGuard } from '../../runtime/http-guard.ts';
import type { SimulatedVendor } from '../../scripts/simulators/vendor.ts';
import type { Context } from '../../workers/machine/context.ts';
import { changesOf } from '../../workflows/engine/restored.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { anOrder, leaving, walk } from '../support/given.ts';
import { aVendor } from '../support/vendor.ts';
import { account, agency, movableClock, openWorkshop, type Workshop } from '../support/workshop.ts';

let shop: Workshop;
let vendor: SimulatedVendor;
let record: Vendor;
let outside: HttpGuard;
/** Real time, as signatures take it; business time is moved by hand. */
let clock = movableClock();

beforeAll(async () => {
  shop = await openWorkshop();
  ({ vendor, record, outside } = await aVendor(shop.context.models));
});

beforeEach(async () => {
  vendor.calls.length = 0;
  vendor.taken.clear();
  vendor.manners = { answers: 'never' };
  clock = movableClock(systemClock.now());
  await shop.context.models.vendors.put(record);
  for (const name of ['VendorSlot', 'VendorHealth']) {
    await shop.context.models.connection.model(name).collection.deleteMany({});
  }
});

const through = (more: Partial<Context> = {}): Partial<Context> => ({
  ...{ outside, clock, business: clock },
  ...more,
});

describe('a stage that a vendor does', () => {
  test('is asked for once, signed, under a key of its own, and done when the answer is there', async () => {
    vendor.manners = { answers: 'now' };
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    expect(vendor.calls).toHaveLength(1);
    const [call] = vendor.calls;
    const [dispatch] = await dispatchesOf(order);
    expect(call).toMatchObject({ key: dispatch?._id, signed: true });
    expect(call?.body.data).toMatchObject({ order, product: 'gbp', stage: 'verification', inputs: expect.anything() });
    expect(dispatch).toMatchObject({ status: 'done', reference: `ref-${dispatch?._id}` });
    expect(await stageOf(order)).toMatchObject({
      status: 'done',
      data: { state: 'COMPLETED' },
      doer: 'vendor-verifier',
    });
  });

  test('waits for a person where no vendor serves it', async () => {
    await shop.context.models.vendors.put({ ...record, serves: [] });
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    expect(await dispatchesOf(order)).toEqual([]);
    expect(await stageOf(order)).toMatchObject({ status: 'waiting' });
  });

  test('has its record before the vendor is called', async () => {
    const order = await anOrderAtTheVendor();
    const before: (Dispatch | undefined)[] = [];
    const watched: HttpGuard = {
      ...outside,
      async call(...args) {
        before.push((await dispatchesOf(order))[0]);
        return outside.call(...args);
      },
    };
    await carryOn(order, { outside: watched });
    expect(before).toEqual([expect.objectContaining({ status: 'calling', firstSentAt: expect.any(Date) })]);
  });

  test('fails visibly when the vendor says so, or says what the stage cannot be left with', async () => {
    vendor.manners = { answers: 'now', outcome: 'failed' };
    const failed = await anOrderAtTheVendor();
    await carryOn(failed);
    expect(await stageOf(failed)).toMatchObject({
      status: 'failed',
      holder: 'fulfillment',
      note: expect.stringContaining('could not'),
    });

    const odd = await anOrderAtTheVendor();
    vendor.manners = {};
    await carryOn(odd);
    await callback(odd, { status: 'completed', result: { state: 'MAYBE' } });
    expect(await stageOf(odd)).toMatchObject({ status: 'failed' });
  });
});

describe('a call', () => {
  test('that is delivered twice changes the dispatch once, and carries the same key', async () => {
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    const [item] = await itemsOf(order, 'call');
    await shop.reopen(item?._id ?? '');
    await shop.deliver(item?._id ?? '', through());
    const [dispatch] = await dispatchesOf(order);
    expect(dispatch).toMatchObject({ version: 2, status: 'accepted' });
    expect(vendor.taken.size).toBe(1);
  });

  test('that a worker died in goes out again under the same key, and is taken once', async () => {
    const order = await anOrderAtTheVendor();
    await until(order, 'call');
    const [item] = await itemsOf(order, 'call');
    const dying: HttpGuard = {
      ...outside,
      async call(...args) {
        await outside.call(...args);
        throw new Error('kill -9');
      },
    };
    expect(await shop.deliver(item?._id ?? '', through({ outside: dying }))).toBe('again');
    await carryOn(order);
    expect(vendor.calls).toHaveLength(2);
    expect(vendor.taken.size).toBe(1);
    expect(await dispatchesOf(order)).toEqual([expect.objectContaining({ status: 'accepted' })]);
  });

  test.each([
    ['is told 500', { status: 500 }],
    ['is told to come again', { status: 429, retryAfter: 5 }],
    ['gets no answer', { taking: 'hang' as const }],
    ['is cut off', { taking: 'cut' as const }],
    ['gets two megabytes', { taking: 'flood' as const }],
  ])('that %s is tried again at its time, as a waiting item', async (_, manners) => {
    vendor.manners = { ...manners, times: 1 };
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    const again = (await itemsOf(order, 'call')).find(({ state }) => state === 'open');
    expect(again).toMatchObject({ state: 'open', phase: 'waiting', payload: { attempt: 2 } });
    expect(again?.runAt.getTime()).toBeGreaterThanOrEqual(clock.now().getTime() + minutes(1));
    vendor.manners = { answers: 'now' };
    clock.pass(minutes(2));
    await carryOn(order);
    expect(vendor.taken.size).toBe(1);
    expect(await stageOf(order)).toMatchObject({ status: 'done' });
  });

  test.each([
    ['seconds', () => 1_800],
    ['a date', () => new Date(clock.now().getTime() + minutes(30)).toUTCString()],
  ])('is put off for as long as the vendor says, in %s', async (_, retryAfter) => {
    vendor.manners = { status: 503, retryAfter: retryAfter(), times: 1 };
    const order = await anOrderAtTheVendor();
    const before = clock.now().getTime();
    await carryOn(order);
    const again = (await itemsOf(order, 'call')).find(({ state }) => state === 'open');
    const wait = (again?.runAt.getTime() ?? 0) - before;
    expect(wait).toBeGreaterThan(minutes(29));
    expect(wait).toBeLessThanOrEqual(minutes(31));
  });

  test.each([
    ['refused', { status: 422 }],
    ['sent elsewhere', { redirect: 'http://127.0.0.1:1/' }],
  ])('that is %s is not repeated: a person sees why', async (_, manners) => {
    vendor.manners = manners;
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    expect(vendor.calls).toHaveLength(1);
    expect(await dispatchesOf(order)).toEqual([expect.objectContaining({ status: 'failed' })]);
    expect(await stageOf(order)).toMatchObject({
      status: 'failed',
      note: expect.stringContaining('verifier answered'),
    });
  });

  test('whose address is not of the internet is not made', async () => {
    await shop.context.models.vendors.put({ ...record, url: 'https://127.0.0.1/' });
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    expect(await stageOf(order)).toMatchObject({ status: 'failed', note: 'A literal address is not called.' });
  });

  test('that failed at every try goes to a person', async () => {
    vendor.manners = { status: 500 };
    const order = await anOrderAtTheVendor();
    for (let day = 0; day < 40; day += 1) {
      await carryOn(order);
      clock.pass(minutes(30));
    }
    expect(vendor.calls).toHaveLength(4);
    expect(await dispatchesOf(order)).toEqual([expect.objectContaining({ status: 'unknown', attempts: 4 })]);
    expect(await stageOf(order)).toMatchObject({ status: 'failed', note: expect.stringContaining('Ask verifier') });
  });

  test('is not repeated once the vendor has forgotten its key', async () => {
    vendor.manners = { taking: 'hang' };
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    clock.pass(hours(25));
    vendor.manners = {};
    await carryOn(order);
    expect(vendor.calls).toHaveLength(1);
    expect(await dispatchesOf(order)).toEqual([expect.objectContaining({ status: 'unknown' })]);
  });

  test('is withdrawn when the order has moved on', async () => {
    vendor.manners = { status: 500, times: 1 };
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    await command(order, { type: 'cancel' });
    clock.pass(minutes(2));
    await carryOn(order);
    expect(vendor.calls).toHaveLength(1);
    expect(await dispatchesOf(order)).toEqual([expect.objectContaining({ status: 'withdrawn' })]);
  });
});

describe('a vendor', () => {
  test('is called by no more at a time than it likes, over all processes', async () => {
    const gate = shop.context.models.vendorGate;
    const slots = await Promise.all([1, 2, 3, 4].map(() => gate.enter('slow', 2, clock.now())));
    expect(slots.filter(Boolean).length).toBeLessThanOrEqual(2);
    const held = [...slots.filter(Boolean), await gate.enter('slow', 2, clock.now())].filter(Boolean);
    while (held.length < 2) held.push(await gate.enter('slow', 2, clock.now()));
    expect(await gate.enter('slow', 2, clock.now())).toBeUndefined();
    await gate.leave(held[0]!, clock.now());
    expect(await gate.enter('slow', 2, clock.now())).toBeDefined();
    clock.pass(minutes(1));
    expect(await gate.enter('slow', 2, clock.now())).toBeDefined();
  });

  test('whose slots are taken is called a little later', async () => {
    const order = await anOrderAtTheVendor();
    await until(order, 'call');
    await shop.context.models.vendorGate.enter(record._id, 1, clock.now());
    await shop.context.models.vendors.put({ ...record, limit: 1 });
    const [item] = await itemsOf(order, 'call');
    expect(await shop.deliver(item?._id ?? '', through())).toBe('later');
    expect(vendor.calls).toEqual([]);
  });

  test('that fails five times in a row is left alone, then tried by one', async () => {
    const { vendorGate } = shop.context.models;
    for (let n = 0; n < 5; n += 1) await vendorGate.failed(record._id, clock.now());
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    expect(vendor.calls).toEqual([]);
    const put = (await itemsOf(order, 'call')).find(({ state }) => state === 'open');
    expect(put).toMatchObject({ phase: 'waiting', payload: { attempt: 1 } });

    clock.pass(minutes(1));
    const tries = await Promise.all([1, 2, 3].map(() => vendorGate.closedUntil(record._id, clock.now())));
    expect(tries.filter((until) => until === undefined)).toHaveLength(1);
    clock.pass(minutes(1));
    await carryOn(order);
    expect(vendor.calls).toHaveLength(1);
    expect(await vendorGate.closedUntil(record._id, clock.now())).toBeUndefined();
  });
});

describe('an answer', () => {
  test('that never comes by itself is asked for', async () => {
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    expect(await stageOf(order)).toMatchObject({ status: 'waiting' });
    clock.pass(hours(2));
    await carryOn(order);
    expect(await stageOf(order)).toMatchObject({ status: 'done' });
  });

  test('that does not come within the time agreed goes to a person', async () => {
    vendor.manners = {};
    await shop.context.models.vendors.put({
      ...record,
      url: `${vendor.origin}/nowhere`,
      statusUrl: `${vendor.origin}/status`,
    });
    vendor.manners = { answers: 'callback', callback: { delay: 3_600_000 } };
    const order = await anOrderAtTheVendor();
    for (let day = 0; day < 4; day += 1) {
      await carryOn(order);
      clock.pass(hours(24));
    }
    await carryOn(order);
    expect(await dispatchesOf(order)).toEqual([expect.objectContaining({ status: 'unknown' })]);
  });

  test('counts once: repeated, reversed and contradicting ones change nothing', async () => {
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    const endings = [];
    for (const status of ['completed', 'completed', 'progressed', 'failed'] as const) {
      endings.push((await callback(order, { status, result: verified })).outcome?.status);
    }
    expect(endings).toEqual(['done', 'superseded', 'superseded', 'superseded']);
    expect(await stageOf(order)).toMatchObject({ status: 'done', round: 1 });
    expect((await commandsOf(order)).filter((type) => type === 'record-answer')).toHaveLength(1);
  });

  test('that is better than the one before goes to a person, who sees and accepts it', async () => {
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    await callback(order, { status: 'failed', message: 'No such location.' });
    const late = await callback(order, { status: 'completed', result: verified, message: 'Found it.' });
    expect(late.outcome?.status).toBe('done');
    expect(await stageOf(order)).toMatchObject({
      ...{ status: 'failed', round: 1 },
      late: { by: 'vendor-verifier', data: verified, note: 'Found it.' },
    });
    expect((await callback(order, { status: 'completed', result: verified })).outcome?.status).toBe('superseded');
    await command(order, { type: 'review-answer', stage: 'verification', decision: 'accept' });
    expect(await stageOf(order)).toMatchObject({ status: 'done', data: verified, doer: 'vendor-verifier' });
    expect(await stageOf(order)).not.toHaveProperty('late');
  });

  test('with the right result goes to a person after one with a wrong result', async () => {
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    await callback(order, { status: 'completed', result: { state: 'MAYBE' } });
    expect(await stageOf(order)).toMatchObject({ status: 'failed' });
    await callback(order, { status: 'completed', result: verified });
    expect(await stageOf(order)).toMatchObject({ status: 'failed', late: { data: verified } });
  });

  test('to a first request goes to a person while the stage is asked for again, and is not taken for the second', async () => {
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    const [first] = await dispatchesOf(order);
    await callback(order, { status: 'failed' });
    await command(order, { type: 'retry-stage', stage: 'verification' });
    await callback(order, { status: 'completed', result: verified }, { dispatch: first?._id });
    expect(await stageOf(order)).toMatchObject({ status: 'waiting', round: 2, late: { dispatch: first?._id } });
    await command(order, { type: 'review-answer', stage: 'verification', decision: 'accept' });
    expect(await stageOf(order)).toMatchObject({ status: 'done', round: 2, data: verified });
    const [, second] = await dispatchesOf(order);
    await callback(order, { status: 'completed', result: verified }, { dispatch: second?._id });
    expect(await stageOf(order)).not.toHaveProperty('late');
  });

  test('that comes before our own commit is kept, and the late commit changes nothing', async () => {
    const order = await anOrderAtTheVendor();
    await until(order, 'call');
    const [call] = await itemsOf(order, 'call');
    const early: HttpGuard = {
      ...outside,
      async call(...args) {
        const answer = await outside.call(...args);
        await callback(order, { status: 'completed', result: verified });
        return answer;
      },
    };
    await shop.deliver(call?._id ?? '', through({ outside: early }));
    await carryOn(order);
    expect(await dispatchesOf(order)).toEqual([expect.objectContaining({ status: 'done' })]);
    expect(await stageOf(order)).toMatchObject({ status: 'done' });
  });

  test('to an asking that was undone counts for nothing when the stage is asked for again in the same round', async () => {
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    await callback(order, { status: 'failed' });
    const stateNow = async () => (await shop.context.models.orders.get(order))?.state as OrderState;
    const retry = { type: 'retry-stage', stage: 'verification' };
    const before = await stateNow();
    await command(order, retry);
    const undone = stateOf(await stateNow(), 'verification').asked;
    await command(order, { type: 'restore-values', operation: 'blk_1', fields: changesOf(before, await stateNow()) });
    await command(order, retry);
    expect(await stageOf(order)).toMatchObject({ status: 'waiting', round: 2 });

    const answer = { status: 'completed', result: verified };
    const late = (await dispatchesOf(order)).find(({ asked }) => asked === undone);
    await callback(order, answer, { dispatch: late?._id });
    expect(await stageOf(order)).toMatchObject({ status: 'waiting', round: 2 });
    const history = (await shop.context.models.orders.get(order))?.history.at(-1);
    expect(history).toMatchObject({ action: 'record-answer', outcome: 'superseded' });

    const { asked: awaited } = stateOf(await stateNow(), 'verification');
    const own = (await dispatchesOf(order)).find(({ asked }) => asked === awaited);
    await callback(order, answer, { dispatch: own?._id });
    expect(await stageOf(order)).toMatchObject({ status: 'done', round: 2 });
  });

  test('to what is not known here waits a while, and is then refused', async () => {
    const payload = { vendor: record._id, dispatch: 'nowhere', answer: { status: 'completed' } };
    const { _id } = await shop.accept({ queue: 'fulfillment', kind: 'answer', payload });
    const created = (await shop.context.models.work.get(_id))?.createdAt ?? clock.now();
    const late = movableClock(created);
    expect(await shop.deliver(_id, { clock: late })).toBe('later');
    late.pass(minutes(11));
    expect(await shop.deliver(_id, { clock: late })).toBe('settled');
    expect(await shop.context.models.work.get(_id)).toMatchObject({ state: 'refused', outcome: { code: 'not_found' } });
  });

  test('of another vendor is refused', async () => {
    const order = await anOrderAtTheVendor();
    await carryOn(order);
    const item = await callback(order, { status: 'completed', result: verified }, { from: 'somebody-else' });
    expect(item).toMatchObject({ state: 'refused', outcome: { code: 'not_found' } });
    expect(await stageOf(order)).toMatchObject({ status: 'waiting' });
  });
});

const verified = { method: 'video', state: 'COMPLETED', has_voice_of_merchant: true };

/** An order whose approval was just given: what follows is asked of the vendor. */
async function anOrderAtTheVendor(): Promise<string> {
  const id = newId();
  const before = leaving(walk(anOrder('gbp'), 'client_approval'), 'client_approval');
  const back = leaving(walk(anOrder('gbp'), 'profile_optimised'), 'profile_optimised');
  const state = { ...before, timers: back.timers };
  const entry = {
    ...{ at: clock.now(), work: `${id}-made`, actor: { type: 'system' as const, id: 'test' }, cause: 'api' as const },
    ...{ action: 'create-order', outcome: 'done' as const, events: [] },
  };
  const set = { agency: agency._id, account: account._id, state };
  await shop.context.models.orders.create(id, { entry, effects: [], set, dueAt: clock.now() });
  const { round, asked } = stateOf(state, 'verification');
  const payload = { order: id, stage: 'verification', round, asked };
  await accept({ queue: 'fulfillment', kind: 'dispatch', order: id, payload });
  return id;
}

async function accept(draft: Parameters<Workshop['accept']>[0]): Promise<WorkItem> {
  return shop.accept({ runAt: clock.now(), ...draft });
}

async function carryOn(order: string, more: Partial<Context> = {}): Promise<void> {
  for (;;) {
    const due = (await dueOf(order)).filter(({ queue }) => queue !== 'notifications');
    if (due.length === 0) return;
    for (const { _id } of due) {
      const ending = await shop.deliver(_id, through(more));
      if (ending !== 'settled') throw new Error(`${_id} ended with ${ending}: ${shop.logged.at(-1)}`);
    }
  }
}

/** Up to where an item of this kind is next. */
async function until(order: string, kind: string): Promise<void> {
  for (;;) {
    const [next] = await dueOf(order);
    if (!next || next.kind === kind) return;
    await shop.deliver(next._id, through());
  }
}

async function dueOf(order: string): Promise<WorkItem[]> {
  const items = (await shop.context.models.work.ofOrder(order, 1_000)).reverse();
  return items.filter(({ state, runAt }) => state === 'open' && runAt <= clock.now());
}

async function callback(
  order: string,
  answer: object,
  { from = record._id, dispatch }: { from?: string; dispatch?: string | undefined } = {},
): Promise<WorkItem> {
  const payload = { vendor: from, dispatch: dispatch ?? (await dispatchesOf(order))[0]?._id, answer };
  const { _id } = await accept({ queue: 'fulfillment', kind: 'answer', order, payload });
  await carryOn(order);
  return (await shop.context.models.work.get(_id)) as WorkItem;
}

async function command(order: string, asked: object): Promise<void> {
  await accept({
    queue: 'setup',
    kind: 'command',
    order,
    payload: { order, command: asked },
    reason: 'the test says so',
  });
  await carryOn(order);
}

const dispatchesOf = (order: string) => shop.context.models.dispatches.ofOrder(order);

async function itemsOf(order: string, kind: string): Promise<WorkItem[]> {
  return (await shop.context.models.work.ofOrder(order, 1_000)).reverse().filter((item) => item.kind === kind);
}

async function commandsOf(order: string): Promise<string[]> {
  return (await itemsOf(order, 'command')).map(({ payload }) => (payload['command'] as { type: string }).type);
}

async function stageOf(order: string) {
  const found = await shop.context.models.orders.get(order);
  return found && stateOf(found.state, 'verification');
}

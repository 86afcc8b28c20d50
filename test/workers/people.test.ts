/** Who is told what when: reminders by day and so often, alerts that end with their causes, warnings to whoever leads. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { days, hours } from '../../kernel/time.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Alert } from '../../models/alert.ts';
import { remindersPerDay } from '../../models/reminder-slot.ts';
import { startRedis } from '../../scripts/servers/redis.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { wakingTime, workingTime } from '../../workflows/time/quiet-hours.ts';
import { account, agency, openWorkshop, placeOrder } from '../support/workshop.ts';

const dir = await mkdtemp(join(tmpdir(), 'orderworks-people-'));
const own = await startRedis({ dir });
const redis = new Redis(own.url);
const shop = await openWorkshop({ url: own.url, prefix: '{people}' });
afterAll(async () => {
  redis.disconnect();
  await own.stop();
  await rm(dir, { recursive: true });
});
const { models } = shop.context;
const { taken } = shop.sink;
await models.staff.put({ _id: 'ann', name: 'Ann Baker', email: 'ann@agency.example', capacity: 1 });

const passTo = (at: Date) => shop.clock.pass(at.getTime() - shop.clock.now().getTime());

/** Other tests' mails would use up the reader's places; each has its own day, on which staff work as well. */
beforeEach(() => {
  passTo(workingTime(new Date(shop.clock.now().getTime() + days(1)), account.timeZone));
  taken.length = 0;
});

const stateOf = async (order: string) => (await models.orders.get(order))!.state;
const alertOf = async (order: string, kind: string) =>
  (await models.alerts.list({}, { order }, { skip: 0, limit: 50 })).find((one) => one.kind === kind) as Alert;
const lettersTo = (email: string) => taken.filter(({ to }) => to.includes(email)).map(({ mail }) => mail.subject ?? '');

async function command(order: string, asked: Record<string, unknown>, reason = 'Because.'): Promise<void> {
  const actor = { type: 'staff', id: 'boss', role: 'order_admin' } as const;
  await shop.accept({ queue: 'setup', kind: 'command', order, actor, reason, payload: { order, command: asked } });
  await shop.settle(order);
}

/** A mail of the ladder's first rung, about the form of a new order. */
async function aReminder(): Promise<{ order: string; item: WorkItem }> {
  const order = await placeOrder(shop);
  taken.length = 0;
  const stage = (await stateOf(order)).stage ?? '';
  const payload = { template: 'reminder-form', order, stage, round: 1, to: 'client', about: 'form', rung: 0 };
  return { order, item: await shop.accept({ queue: 'notifications', kind: 'tell', order, payload }) };
}

describe('a reminder', () => {
  test('goes to the client with the link they were sent, once, though its job comes twice', async () => {
    const { item } = await aReminder();
    expect(await shop.deliver(item._id)).toBe('settled');
    await shop.reopen(item._id);
    expect(await shop.deliver(item._id)).toBe('settled');
    expect(lettersTo(account.contact.email)).toEqual([expect.stringContaining('we still need your details')]);
    expect(taken[0]?.mail.text).toContain('https://portal.example/onboarding/');
  });

  test('that comes at night where the reader is waits for the morning', async () => {
    const { item } = await aReminder();
    const midnight = nextHour(0);
    shop.clock.pass(midnight.getTime() - shop.clock.now().getTime());
    expect(await shop.deliver(item._id)).toBe('later');
    const waiting = await models.work.get(item._id);
    expect(waiting).toMatchObject({ state: 'open', phase: 'waiting', runAt: wakingTime(midnight, account.timeZone) });
    expect(taken).toEqual([]);
    shop.clock.pass(hours(9));
    expect(await shop.deliver(item._id)).toBe('settled');
    expect(taken).toHaveLength(1);
  });

  test('beyond what a reader gets in a day waits for the next', async () => {
    for (let sent = 0; sent < remindersPerDay; sent += 1) await shop.deliver((await aReminder()).item._id);
    const { item } = await aReminder();
    expect(await shop.deliver(item._id)).toBe('later');
    expect(taken).toEqual([]);
    expect((await models.work.get(item._id))?.runAt.getTime()).toBeGreaterThan(shop.clock.now().getTime() + hours(10));
    shop.clock.pass(days(1));
    expect(await shop.deliver(item._id)).toBe('settled');
  });

  test('is not sent once the order is paused, though it was on its way', async () => {
    const { order, item } = await aReminder();
    await models.work.model.collection.updateOne(
      { _id: item._id as never },
      { $set: { runAt: new Date(shop.clock.now().getTime() + days(1)) } },
    );
    await command(order, { type: 'pause' });
    shop.clock.pass(days(1));
    await shop.deliver(item._id);
    expect(await models.work.get(item._id)).toMatchObject({ state: 'superseded' });
    expect(taken).toEqual([]);
  });

  test('comes by itself when its timer rings, though Redis is emptied at every step, and is kept in the order', async () => {
    const order = await placeOrder(shop);
    taken.length = 0;
    shop.clock.pass(days(4));
    const morning = wakingTime(shop.clock.now(), account.timeZone).getTime() - shop.clock.now().getTime();
    shop.clock.pass(morning);
    await carryOnThoughRedisForgets(order);
    expect(lettersTo(account.contact.email)).toHaveLength(1);
    const is = (await stateOf(order)).stages.find(({ waitingFor }) => waitingFor === 'form');
    expect(is?.reminders?.map(({ to }) => to)).toContain('client');
  });
});

describe('those responsible', () => {
  test('are warned once at each rung when a budget is used up, though Redis is emptied at every step', async () => {
    const order = await placeOrder(shop);
    for (let stage = (await stateOf(order)).stage; (await stateOf(order)).holder !== 'fulfillment'; ) {
      await command(order, { type: 'override-stage', stage, action: 'skip' });
      stage = (await stateOf(order)).stage;
    }
    taken.length = 0;
    for (let day = 0; day < 20; day += 1) {
      shop.clock.pass(days(1));
      await carryOnThoughRedisForgets(order);
    }
    const warnings = lettersTo('desk@nordlicht.example');
    expect(warnings.filter((subject) => subject.includes(': overdue:'))).toHaveLength(1);
  });

  test('are mailed what blocks the order, the manager first and the agency where there is none', async () => {
    const order = await placeOrder(shop);
    const stage = (await stateOf(order)).stage ?? '';
    const payload = { template: 'sla-breached', order, stage, round: 1, to: 'manager' };
    const send = async () =>
      shop.deliver((await shop.accept({ queue: 'notifications', kind: 'tell', order, payload }))._id);
    taken.length = 0;
    await send();
    expect(lettersTo('desk@nordlicht.example')).toEqual([expect.stringContaining(': overdue:')]);
    await command(order, { type: 'assign', manager: 'ann' });
    await send();
    expect(lettersTo('ann@agency.example')).toHaveLength(1);
    expect(taken.at(-1)?.mail.text).toContain('The client has not sent the form');
  });

  /** A mail to the manager, delivered at eight in the evening of a Saturday and again as soon as it may go. */
  async function onSaturdayEvening(zone: string): Promise<Date | undefined> {
    const order = await placeOrder(shop);
    await command(order, { type: 'assign', manager: 'ann' });
    const stage = (await stateOf(order)).stage ?? '';
    const payload = { template: 'sla-breached', order, stage, round: 1, to: 'manager' };
    taken.length = 0;
    const item = await shop.accept({ queue: 'notifications', kind: 'tell', order, payload });
    while (weekdayIn(zone) !== 'Sat 20') shop.clock.pass(hours(1));
    expect(await shop.deliver(item._id)).toBe('later');
    expect(taken).toEqual([]);
    const { runAt } = (await models.work.get(item._id))!;
    passTo(runAt);
    expect(await shop.deliver(item._id)).toBe('settled');
    expect(lettersTo('ann@agency.example')).toHaveLength(1);
    return runAt;
  }
  const weekdayIn = (timeZone: string, at = shop.clock.now()) => {
    const [weekday, hour] = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', timeZone })
      .formatToParts(at)
      .filter(({ type }) => type !== 'literal');
    return `${weekday?.value} ${hour?.value}`;
  };

  test('are written to on Monday morning in their own zone, not on Sunday and not by night', async () => {
    await models.staff.change('ann', { set: { timeZone: 'Asia/Kolkata' } });
    expect(weekdayIn('Asia/Kolkata', await onSaturdayEvening('Asia/Kolkata'))).toBe('Mon 08');
  });

  test('are written to in the zone of the agency where they have none', async () => {
    await models.staff.change('ann', { unset: ['timeZone'] });
    await models.agencies.change(agency._id, { set: { timeZone: 'America/Denver' } });
    expect(weekdayIn('America/Denver', await onSaturdayEvening('America/Denver'))).toBe('Mon 08');
    await models.agencies.change(agency._id, { unset: ['timeZone'] });
  });
});

describe('an alert', () => {
  const keep = async (order: string) => {
    const item = await shop.accept({
      queue: 'notifications',
      kind: 'alert',
      order,
      payload: { order, kind: 'inactive' },
    });
    await shop.deliver(item._id);
    return item._id;
  };
  /** An order that nobody has spoken with for a week; the reminders went elsewhere. */
  async function inactive(): Promise<string> {
    const order = await placeOrder(shop);
    const set = {
      'state.timers.inactivity': { seq: 1, at: shop.clock.now() },
      'state.lastContactAt': new Date(shop.clock.now().getTime() - days(8)),
    };
    await models.orders.model.collection.updateOne({ _id: order as never }, { $set: set });
    await command(order, { type: 'check-inactivity', seq: 1 });
    return order;
  }

  test('is raised once, however often its cause is looked at, and ends with it', async () => {
    const order = await inactive();
    await keep(order);
    expect(await alertOf(order, 'inactive')).toMatchObject({
      state: 'open',
      count: 1,
      severity: 'notice',
      account: 'mueller',
    });
    await command(order, { type: 'cancel' });
    expect(await alertOf(order, 'inactive')).toBeUndefined();
    const over = await models.alerts.list({}, { order, state: 'resolved' }, { skip: 0, limit: 9 });
    expect(over.map(({ kind, count }) => [kind, count])).toContainEqual(['inactive', 1]);
  });

  test('is never made by a look at an older version of the order', async () => {
    const order = await inactive();
    const old = await models.orders.get(order);
    await command(order, { type: 'cancel' });
    const late = await shop.accept({
      queue: 'notifications',
      kind: 'alert',
      order,
      payload: { order, kind: 'inactive' },
    });
    await shop.deliver(late._id, {
      models: { ...models, orders: { ...models.orders, get: async () => old } as never },
    });
    expect(await models.work.get(late._id)).toMatchObject({ state: 'superseded' });
    expect(await alertOf(order, 'inactive')).toBeUndefined();
  });

  test('is acknowledged by a person, whom the audit names, and only while it is open', async () => {
    const order = await inactive();
    const { _id } = await alertOf(order, 'inactive');
    const actor = { type: 'staff', id: 'boss', role: 'order_admin' } as const;
    const ask = () => shop.accept({ queue: 'notifications', kind: 'acknowledge', actor, payload: { alert: _id } });
    const [first, second] = [await ask(), await ask()];
    await shop.deliver(first._id);
    await shop.deliver(second._id);
    expect(await models.work.get(second._id)).toMatchObject({ state: 'refused', outcome: { code: 'nothing_changed' } });
    expect(await alertOf(order, 'inactive')).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'boss' });
    const [line] = (await models.audit.read(`alert.${_id}`, 1, 50)).filter(({ action }) => action === 'acknowledge');
    expect(line?.actor).toEqual(actor);
  });

  test('tells of somebody who has more orders than they can carry, until they have not', async () => {
    await models.staff.put({ _id: 'cem', name: 'Cem', email: 'cem@agency.example', capacity: 1 });
    const [one, two] = [await placeOrder(shop), await placeOrder(shop)];
    for (const order of [one, two]) await command(order, { type: 'assign', specialists: [{ staff: 'cem' }] });
    await allWeighed();
    const capacity = () => models.alerts.get('cem.capacity');
    expect(await capacity()).toMatchObject({ state: 'open', staff: 'cem', kind: 'capacity' });
    await command(two, { type: 'assign', specialists: [] });
    await allWeighed();
    expect(await capacity()).toMatchObject({ state: 'resolved', count: 1 });
  });
});

/**
 * What is due gets its job, Redis forgets it, and the dispatcher's next ticks bring it back under the next generation;
 * only then is it delivered. So with everything that follows from it.
 */
async function carryOnThoughRedisForgets(order: string): Promise<void> {
  const dispatcher = newDispatcher('people');
  const due = async () =>
    (await models.work.ofOrder(order, 1_000)).filter(
      ({ state, runAt }) => state === 'open' && runAt <= shop.clock.now(),
    );
  for (;;) {
    await tick(dispatcher, shop.context);
    const nudged = await due();
    if (nudged.length === 0) return;
    expect(await shop.context.nudger.probe(nudged)).toEqual(nudged.map(() => true));
    await redis.flushall();
    expect(await shop.context.nudger.probe(nudged)).toEqual(nudged.map(() => false));
    await tick(dispatcher, shop.context);
    const again = await due();
    expect(again.map(({ generation }) => generation)).toEqual(nudged.map(({ generation }) => generation + 1));
    expect(await shop.context.nudger.probe(again)).toEqual(again.map(() => true));
    for (const { _id } of again) expect(await shop.deliver(_id)).toBe('settled');
  }
}

/** Loads belong to no order, so that `settle` does not deliver them. */
async function allWeighed(): Promise<void> {
  shop.clock.pass(hours(1));
  for (;;) {
    const open = { kind: 'weigh', state: 'open', runAt: { $lte: shop.clock.now() } };
    const found = await models.work.model.collection.find(open as never).toArray();
    if (found.length === 0) return;
    for (const { _id } of found) await shop.deliver(String(_id));
  }
}

/** The next time that it is so late where the account is. */
function nextHour(hour: number): Date {
  const format = new Intl.DateTimeFormat('en-GB', { hour: 'numeric', hourCycle: 'h23', timeZone: account.timeZone });
  for (let at = shop.clock.now().getTime() + hours(1); ; at += hours(1)) {
    if (Number(format.format(at)) === hour) return new Date(at);
  }
}

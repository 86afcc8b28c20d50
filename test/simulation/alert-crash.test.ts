/** A worker dies at every single call it makes while it keeps an alert or sends a reminder; another finishes the work. */
import { describe, expect, test } from 'vitest';
import { days } from '../../kernel/time.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Context } from '../../workers/machine/context.ts';
import { wakingTime } from '../../workflows/time/quiet-hours.ts';
import { account, openWorkshop, placeOrder } from '../support/workshop.ts';
import { dieAt, type When } from './die-at.ts';
import { gated } from './gated.ts';
import type { Step } from './scheduler.ts';

const shop = await openWorkshop();
const { models } = shop.context;

/** Every port that the handlers write to waits at `step`. */
function through(step: Step): Partial<Context> {
  const { alerts, notifications, reminderSlots, work, audit, orders } = models;
  const ports = { alerts, notifications, reminderSlots, work, audit, orders };
  const watched = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, gated(port, step)]));
  return { models: { ...models, ...watched } as never };
}

/** Delivers the item to a worker that dies at its call number `at`; answers with the calls it made. */
const dieWith = ({ _id }: WorkItem, at: number, when: When): Promise<string[]> =>
  dieAt((step) => shop.deliver(_id, through(step)), at, when);

/** By day where the reader is, each time on a day of its own. */
function nextDay(): void {
  const now = shop.clock.now().getTime();
  shop.clock.pass(wakingTime(new Date(now + days(1)), account.timeZone).getTime() - now);
}

async function anAlert(): Promise<WorkItem> {
  const order = await placeOrder(shop);
  await models.orders.model.collection.updateOne({ _id: order as never }, { $set: { 'state.isInactive': true } });
  return shop.accept({ queue: 'notifications', kind: 'alert', order, payload: { order, kind: 'inactive' } });
}

async function aReminder(): Promise<WorkItem> {
  nextDay();
  const order = await placeOrder(shop);
  const payload = { template: 'reminder-form', order, stage: 'intake', round: 1, to: 'client', about: 'form', rung: 0 };
  return shop.accept({ queue: 'notifications', kind: 'tell', order, payload });
}

describe('a worker that dies at any call', () => {
  test('while it keeps an alert leaves one alert, raised once', { timeout: 120_000 }, async () => {
    const calls = await dieWith(await anAlert(), 1_000, 'before');
    expect(calls.length).toBeGreaterThanOrEqual(4);
    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const item = await anAlert();
        await dieWith(item, index + 1, when);
        if ((await models.work.get(item._id))?.state === 'open') await shop.deliver(item._id);
        const alert = await models.alerts.get(`${item.order}.inactive`);
        expect({ call, when, count: alert?.count, version: alert?.version }).toEqual({
          call,
          when,
          count: 1,
          version: 1,
        });
        expect(await models.work.get(item._id)).toMatchObject({ state: 'done' });
      }
    }
  });

  test('while it sends a reminder sends it once, or leaves it to a person', { timeout: 120_000 }, async () => {
    const calls = await dieWith(await aReminder(), 1_000, 'before');
    expect(calls.length).toBeGreaterThanOrEqual(5);
    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const item = await aReminder();
        const before = shop.sink.taken.length;
        await dieWith(item, index + 1, when);
        shop.clock.pass(60_000);
        if ((await models.work.get(item._id))?.state === 'open') await shop.deliver(item._id);
        const sent = shop.sink.taken.length - before;
        const state = (await models.notifications.get(item._id))?.state;
        expect({ call, when, twice: sent > 1, state }).toEqual({
          call,
          when,
          twice: false,
          state: sent === 0 ? 'unknown' : expect.stringMatching(/^(sent|unknown)$/),
        });
        expect((await models.work.get(item._id))?.state, `${call} ${when}`).toMatch(/^(done|refused)$/);
      }
    }
  });
});

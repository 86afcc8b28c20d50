/** Mails of which nobody knows whether they went out: a person hears of each, and what they say is done once. */
import { beforeEach, describe, expect, test } from 'vitest';
import { seconds } from '../../kernel/time.ts';
import type { Alert } from '../../models/alert.ts';
import { workingTime } from '../../workflows/time/quiet-hours.ts';
import { account, createOrder, openWorkshop, placeOrder } from '../support/workshop.ts';

const shop = await openWorkshop();
const { models } = shop.context;
const { taken } = shop.sink;
const actor = { type: 'staff', id: 'ann', role: 'setup_manager' } as const;

beforeEach(() => {
  taken.length = 0;
});

const died = { ...models.notifications, end: () => Promise.reject(new Error('killed')) };
const dying = { models: { ...models, notifications: died } };

const alertsOf = (order: string, state?: Alert['state']) =>
  models.alerts.list({}, { order, kind: 'delivery-unknown', state }, { skip: 0, limit: 9 });

/** A mere piece of news, taken by the server from a worker that died before it could say so. */
async function inDoubt(): Promise<{ order: string; mail: string; alert: Alert }> {
  const order = await createOrder(shop);
  const recipient = { name: 'Ann', email: 'ann@client.example' };
  const payload = { template: 'order-cancelled', order, recipient, data: {} };
  const { _id: mail } = await shop.accept({ queue: 'notifications', kind: 'notify', order, payload });
  await shop.deliver(mail, dying);
  shop.clock.pass(seconds(31));
  await shop.deliver(mail);
  await lookedAt(order);
  const [alert] = await alertsOf(order);
  if (!alert) throw new Error('There is no alert.');
  return { order, mail, alert };
}

async function lookedAt(order: string): Promise<void> {
  for (const { _id, kind, state } of await models.work.ofOrder(order, 50)) {
    if (kind === 'doubt' && state === 'open') await shop.deliver(_id);
  }
}

const answer = (alert: Alert, outcome: 'arrived' | 'send_again') =>
  shop.accept({
    ...{ queue: 'notifications', kind: 'answer', payload: { alert: alert._id, outcome } },
    ...{ order: alert.order ?? '', actor, reason: 'I asked.' },
  });

describe('a mail whose outcome is unknown', () => {
  test('is an alert with its order and the role of its reader, without an address', async () => {
    const { order, mail, alert } = await inDoubt();
    expect(alert).toMatchObject({ state: 'open', count: 1, severity: 'warning', order, notification: mail });
    expect(alert.what).toBe('It is unknown whether the email "order-cancelled" to the client arrived.');
    expect(JSON.stringify(alert)).not.toContain('@');
  });

  test('is one alert, however often it is looked at or its job comes again', async () => {
    const { order, mail } = await inDoubt();
    await shop.reopen(mail);
    await shop.deliver(mail);
    const [look] = (await models.work.ofOrder(order, 50)).filter(({ kind }) => kind === 'doubt');
    await shop.reopen(look?._id ?? '');
    await shop.deliver(look?._id ?? '');
    expect(await alertsOf(order)).toMatchObject([{ state: 'open', count: 1 }]);
    expect((await models.work.ofOrder(order, 50)).filter(({ kind }) => kind === 'doubt')).toHaveLength(1);
  });

  test('says that the agency is its reader where it is', async () => {
    shop.clock.pass(workingTime(shop.clock.now(), account.timeZone).getTime() - shop.clock.now().getTime());
    const order = await placeOrder(shop);
    const stage = (await models.orders.get(order))?.state.stage ?? '';
    const payload = { template: 'sla-breached', order, stage, round: 1, to: 'agency' };
    const { _id } = await shop.accept({ queue: 'notifications', kind: 'tell', order, payload });
    for (let died = 0; died < 3; died += 1) {
      await shop.deliver(_id, dying);
      shop.clock.pass(seconds(31));
    }
    await shop.deliver(_id);
    await lookedAt(order);
    expect(await alertsOf(order)).toMatchObject([{ stage, what: expect.stringContaining('to the agency') }]);
  });

  test('is in doubt no longer when the worker that slept records it after all', async () => {
    const { order, mail } = await inDoubt();
    const before = await models.notifications.get(mail);
    await models.notifications.end({ _id: mail, token: before?.token ?? '' }, { state: 'sent' }, shop.clock.now());
    await shop.reopen(mail);
    await shop.deliver(mail);
    await lookedAt(order);
    expect(await alertsOf(order)).toEqual([]);
    expect(await alertsOf(order, 'resolved')).toHaveLength(1);
  });
});

describe('a person who says', () => {
  test('that it arrived ends the doubt, is named in the audit, and is heard once', async () => {
    const { mail, alert } = await inDoubt();
    const [first, second] = [await answer(alert, 'arrived'), await answer(alert, 'send_again')];
    for (const { _id } of [first, second, first]) {
      await shop.reopen(_id);
      await shop.deliver(_id);
    }
    expect(await models.notifications.get(mail)).toMatchObject({ state: 'sent' });
    expect(await models.work.get(second._id)).toMatchObject({ state: 'refused', outcome: { code: 'alert_resolved' } });
    const lines = (await models.audit.read(`alert.${alert._id}`, 1, 50)).filter(({ work }) => work === first._id);
    expect(lines).toMatchObject([{ action: 'answer-delivery', actor, reason: 'I asked.', outcome: 'done' }]);
    expect(lines[0]?.events).toEqual([{ type: 'delivery-answered', notification: mail, outcome: 'arrived' }]);
    expect(taken).toHaveLength(1);
  });

  test('that it is to be sent again has one more mail sent, though the job comes twice', async () => {
    const { order, mail, alert } = await inDoubt();
    const { _id } = await answer(alert, 'send_again');
    await shop.deliver(_id);
    await shop.reopen(_id);
    await shop.deliver(_id);
    const again = (await models.work.ofOrder(order, 50)).filter(
      ({ kind, payload, _id: id }) => kind === 'notify' && id !== mail && payload['template'] === 'order-cancelled',
    );
    expect(again).toHaveLength(1);
    await shop.deliver(again[0]?._id ?? '');
    expect(taken).toHaveLength(2);
    expect(await models.notifications.get(again[0]?._id ?? '')).toMatchObject({ state: 'sent' });
    expect(await models.notifications.get(mail)).toMatchObject({ state: 'unknown' });
    expect(await alertsOf(order, 'resolved')).toHaveLength(1);
  });

  test('that it is to be sent again when it is not kept any more is told so, and the doubt stays', async () => {
    const { order, mail, alert } = await inDoubt();
    await models.work.model.collection.deleteOne({ _id: mail as never });
    const { _id } = await answer(alert, 'send_again');
    await shop.deliver(_id);
    expect(await models.work.get(_id)).toMatchObject({ state: 'refused', outcome: { code: 'job_not_found' } });
    expect(await alertsOf(order)).toMatchObject([{ state: 'open' }]);
  });
});

/** What becomes of a mail reaches the order that asked for it: once, whatever dies, repeats or comes late. */
import { beforeEach, describe, expect, test } from 'vitest';
import { days, hours, minutes, seconds } from '../../kernel/time.ts';
import type { WorkItem } from '../../kernel/work.ts';
import { stateOf } from '../../workflows/words/state.ts';
import { createOrder, openWorkshop, placeOrder } from '../support/workshop.ts';

const shop = await openWorkshop();
const { models } = shop.context;
const { manners, taken } = shop.sink;

beforeEach(() => {
  taken.length = 0;
  for (const manner of Object.keys(manners)) delete manners[manner as keyof typeof manners];
});

const refuses = (code = 550) => {
  manners.rcpt = () => code;
};

/** Google Ads asks for a form first. */
const intakeOf = async (order: string) => stateOf((await models.orders.get(order))!.state, 'intake');
const mailOf = async (order: string) => (await shop.itemOf(order, 'notify'))._id;

async function reports(order: string): Promise<WorkItem[]> {
  const items = await models.work.ofOrder(order, 1_000);
  return items.filter(({ payload }) => (payload['command'] as { type?: string })?.type === 'record-delivery');
}

const command = async (order: string, asked: Record<string, unknown>) => {
  const actor = { type: 'staff', id: 'ann', role: 'setup_manager' } as const;
  const item = {
    queue: 'setup',
    kind: 'command',
    order,
    actor,
    reason: 'It bounced.',
    payload: { order, command: asked },
  };
  await shop.deliver((await shop.accept(item))._id);
};

const alertsOf = (order: string, kind: string) => models.alerts.list({}, { order, kind }, { skip: 0, limit: 9 });

const bounce = async (order: string, mail: string, action = 'failed') => {
  const payload = { mail, action, said: '550 no such user' };
  await shop.accept({ queue: 'notifications', kind: 'bounce', order, payload });
  await shop.settle(order);
};

describe('the stage of an order', () => {
  test('says that its mail was delivered once the mail server has it', async () => {
    const order = await placeOrder(shop);
    expect((await intakeOf(order)).delivery).toMatchObject({ outcome: 'delivered', mail: await mailOf(order) });
  });

  test('says what the server answered to a mail that it refused, and has an alert at once', async () => {
    refuses();
    const order = await createOrder(shop);
    await shop.settle(order);
    expect((await intakeOf(order)).delivery).toMatchObject({ outcome: 'refused', said: expect.stringMatching(/^550/) });
    expect(await alertsOf(order, 'mail-undelivered')).toMatchObject([{ state: 'open', stage: 'intake' }]);
    expect(JSON.stringify(await alertsOf(order, 'mail-undelivered'))).not.toContain('@');
  });

  test('hears it once, though the worker dies before it tells and the job comes again', async () => {
    refuses();
    const order = await createOrder(shop);
    await shop.deliver((await shop.itemOf(order, 'issue-link'))._id);
    const mail = await mailOf(order);
    const mute = { ...models.work, insert: () => Promise.reject(new Error('killed')) };
    await shop.deliver(mail, { models: { ...models, work: mute } });
    expect(await reports(order)).toEqual([]);
    await shop.deliver(mail);
    await shop.reopen(mail);
    await shop.deliver(mail);
    await shop.settle(order);
    expect(await reports(order)).toHaveLength(1);
    expect((await intakeOf(order)).delivery?.outcome).toBe('refused');
  });

  test('says that a mail is held while no server takes it, and that it was delivered after that', async () => {
    refuses(451);
    const order = await createOrder(shop);
    await shop.deliver((await shop.itemOf(order, 'issue-link'))._id);
    const mail = await mailOf(order);
    expect(await shop.deliver(mail)).toBe('later');
    for (const { _id } of await reports(order)) await shop.deliver(_id);
    expect((await intakeOf(order)).delivery?.outcome).toBe('held');
    delete manners.rcpt;
    await shop.settle(order);
    expect((await intakeOf(order)).delivery?.outcome).toBe('delivered');
  });

  test('forgets a refusal when the link goes to another address, and no late bounce brings it back', async () => {
    refuses();
    const order = await createOrder(shop);
    await shop.settle(order);
    const first = await mailOf(order);
    delete manners.rcpt;
    const recipient = { name: 'Ann', email: 'ann@right.example' };
    await command(order, { type: 'issue-link', stage: 'intake', recipient });
    await shop.settle(order);
    expect((await intakeOf(order)).delivery?.outcome).toBe('delivered');
    expect(await alertsOf(order, 'mail-undelivered')).toEqual([]);
    await bounce(order, first);
    expect((await intakeOf(order)).delivery?.outcome).toBe('delivered');
  });
});

describe('a bounce that comes later', () => {
  test('ends where a refusal does, however often it is reported', async () => {
    const order = await placeOrder(shop);
    const mail = await mailOf(order);
    await bounce(order, mail);
    await bounce(order, mail);
    expect(await models.notifications.get(mail)).toMatchObject({ state: 'bounced', response: '550 no such user' });
    expect((await intakeOf(order)).delivery).toMatchObject({ outcome: 'refused', said: '550 no such user' });
    expect(await alertsOf(order, 'mail-undelivered')).toMatchObject([{ state: 'open', count: 1 }]);
    expect(await reports(order)).toHaveLength(2);
  });

  test('says nothing of another agency’s mail', async () => {
    const order = await placeOrder(shop);
    const payload = { mail: await mailOf(order), action: 'failed', said: '550' };
    const { _id } = await shop.accept({ queue: 'notifications', kind: 'bounce', order, agency: 'other', payload });
    await shop.deliver(_id);
    expect(await models.work.get(_id)).toMatchObject({ state: 'superseded' });
    expect((await intakeOf(order)).delivery?.outcome).toBe('delivered');
  });
});

describe('a reminder', () => {
  /** The first one, in the morning or at night where the client is. */
  async function due(): Promise<{ order: string; tell: string }> {
    const order = await placeOrder(shop);
    const timers = (await models.work.ofOrder(order, 100)).filter(({ _id }) => _id.includes('reminder-intake'));
    shop.clock.pass(timers[0]!.runAt.getTime() - shop.clock.now().getTime() + seconds(1));
    await shop.deliver(timers[0]!._id);
    return { order, tell: (await shop.itemOf(order, 'tell'))._id };
  }

  test('counts once it went out, and is held while the client sleeps', async () => {
    const { order, tell } = await due();
    const ending = await shop.deliver(tell);
    if (ending === 'later') {
      expect(await models.notifications.get(tell)).toMatchObject({ state: 'held', tries: 0 });
      shop.clock.pass(hours(14));
      await shop.deliver(tell);
    }
    for (const { _id, state } of await reports(order)) if (state === 'open') await shop.deliver(_id);
    expect((await intakeOf(order)).reminders).toMatchObject([
      { rung: 0, delivery: { outcome: 'delivered', mail: tell } },
    ]);
  });

  test('that is refused stops the others', async () => {
    const { order, tell } = await due();
    refuses();
    if ((await shop.deliver(tell)) === 'later') {
      shop.clock.pass(hours(14));
      await shop.deliver(tell);
    }
    for (const { _id, state } of await reports(order)) if (state === 'open') await shop.deliver(_id);
    expect((await intakeOf(order)).reminders).toMatchObject([{ rung: 0, delivery: { outcome: 'refused' } }]);
    expect((await models.orders.get(order))?.state.timers?.['reminder-intake']?.at).toBeUndefined();
    shop.clock.pass(days(9) + minutes(1));
  });
});

describe('a mail without a stage', () => {
  test('that is refused is an alert, which ends when somebody has told them', async () => {
    refuses();
    const order = await createOrder(shop);
    const recipient = { name: 'Ann', email: 'ann@client.example' };
    const payload = { template: 'order-cancelled', order, recipient, data: {} };
    await shop.deliver((await shop.accept({ queue: 'notifications', kind: 'notify', order, payload }))._id);
    await shop.deliver((await shop.itemOf(order, 'doubt'))._id);
    const [alert] = await alertsOf(order, 'delivery-refused');
    expect(alert).toMatchObject({ state: 'open', what: expect.stringContaining('"order-cancelled"') });
    const asked = { alert: alert!._id, outcome: 'told' };
    const { _id } = await shop.accept({ queue: 'notifications', kind: 'answer', order, payload: asked });
    await shop.deliver(_id);
    expect(await alertsOf(order, 'delivery-refused')).toEqual([]);
  });
});

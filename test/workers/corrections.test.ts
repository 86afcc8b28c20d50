/** A corrected address is followed by every mail that is still to go out, whatever it waits for and whoever corrected it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { days, hours } from '../../kernel/time.ts';
import { drain } from '../../workers/machine/drain.ts';
import type { Sink } from '../support/sink.ts';
import { account, createOrder, openWorkshop, placeOrder } from '../support/workshop.ts';

const shop = await openWorkshop();
const { models } = shop.context;
const { manners, taken }: Sink = shop.sink;
const right = { name: account.contact.name, email: 'kaethe@mueller.test' };

beforeEach(() => {
  taken.length = 0;
  for (const manner of Object.keys(manners)) delete manners[manner as keyof typeof manners];
});

async function command(order: string, asked: Record<string, unknown>): Promise<void> {
  const actor = { type: 'staff', id: 'mia', role: 'order_admin' } as const;
  const item = { queue: 'setup', kind: 'command', order, payload: { order, command: asked } };
  const { _id } = await shop.accept({ ...item, actor, reason: 'They told us.' });
  await shop.deliver(_id);
  await shop.settle(order);
}

const correct = (order: string) => command(order, { type: 'update-order', client: right });
const readers = () => taken.flatMap(({ to }) => to);
const tokens = () => taken.map(({ mail }) => mail.text?.match(/portal\.example\/onboarding\/(\S+)/)?.[1] ?? '');
const clientOf = async (order: string) => (await models.orders.get(order))?.state.client.email;

describe('the mail of a form', () => {
  test('goes to the new address under a new token; the old one still says whose it was', async () => {
    const order = await placeOrder(shop);
    await correct(order);
    expect(readers()).toEqual([account.contact.email, right.email]);
    const [first = '', second = ''] = tokens();
    expect(await models.links.byToken(first)).toBeNull();
    expect((await models.links.byFormerToken(first))?._id).toBe((await models.links.byToken(second))?._id);
  });

  test('that was still on its way to the old address is not sent any more', async () => {
    const order = await createOrder(shop);
    await shop.deliver((await shop.itemOf(order, 'issue-link'))._id);
    await correct(order);
    expect(readers()).toEqual([right.email]);
    expect(await models.links.ofOrder(order)).toMatchObject([{ recipient: right }]);
  });

  test('is not made for the old address by a job that comes late', async () => {
    const order = await createOrder(shop);
    const late = await shop.itemOf(order, 'issue-link');
    await correct(order);
    expect(await models.work.get(late._id)).toMatchObject({ state: 'superseded' });
    expect([readers(), (await models.links.ofOrder(order)).length]).toEqual([[right.email], 1]);
  });

  test('that no server took yet goes to the new address, once, when one does', async () => {
    manners.rcpt = () => 451;
    const order = await createOrder(shop);
    await shop.deliver((await shop.itemOf(order, 'issue-link'))._id);
    const { _id } = await shop.itemOf(order, 'notify');
    expect(await shop.deliver(_id)).toBe('later');
    delete manners.rcpt;
    await correct(order);
    shop.clock.pass(hours(1));
    await shop.settle(order);
    expect(readers()).toEqual([right.email]);
    expect(await models.notifications.get(_id)).toMatchObject({ state: 'superseded' });
  });

  test('waits for the end of a pause, however long, and goes out then', async () => {
    const order = await placeOrder(shop);
    await command(order, { type: 'pause' });
    taken.length = 0;
    await correct(order);
    expect(readers()).toEqual([]);
    shop.clock.pass(days(60));
    await command(order, { type: 'resume' });
    expect(readers()[0]).toBe(right.email);
    expect(readers()).not.toContain(account.contact.email);
  });
});

describe('a mail about a stage that has another name by now', () => {
  test('goes out: the page is the same', async () => {
    const order = await placeOrder(shop);
    const link = (await models.links.ofOrder(order))[0]!;
    const formerly = { 'state.stages.0.formerly': ['details'] };
    await models.orders.model.collection.updateOne({ _id: order as never }, { $set: formerly });
    const asked = { order, stage: 'details', round: 1, recipient: link.recipient, link: link._id, data: {} };
    const payload = { ...asked, template: 'onboarding-requested' };
    await shop.deliver((await shop.accept({ queue: 'notifications', kind: 'notify', order, payload }))._id);
    const reminder = {
      order,
      stage: 'details',
      round: 1,
      template: 'reminder-form',
      to: 'client',
      about: 'form',
      rung: 0,
    };
    shop.clock.pass(hours(24) - (shop.clock.now().getTime() % hours(24)) + hours(11));
    await shop.deliver((await shop.accept({ queue: 'notifications', kind: 'tell', order, payload: reminder }))._id);
    expect([readers().length, new Set(tokens()).size]).toEqual([3, 1]);
  });
});

describe('a mail without a page', () => {
  test('that has waited goes to where the client is by now; one to somebody else stays as it is', async () => {
    const order = await placeOrder(shop);
    await correct(order);
    taken.length = 0;
    const ann = { name: 'Ann', email: 'ann@client.example' };
    for (const recipient of [account.contact, ann]) {
      const payload = { template: 'setup-complete', order, recipient, data: {} };
      await shop.deliver((await shop.accept({ queue: 'notifications', kind: 'notify', order, payload }))._id);
    }
    expect(readers()).toEqual([right.email, ann.email]);
  });
});

describe('another contact of an account', () => {
  /** What a program writes, and what its outbox then asks for. */
  async function change(contact: { name: string; email: string }, orders: string[]): Promise<void> {
    await models.accounts.change((await models.accounts.get(account._id))!, { contact });
    await drain(models.accounts, (await models.accounts.get(account._id))!, shop.context);
    const { collection } = models.work.model;
    const spread = await collection.find({ kind: 'spread-contact', state: 'open' } as never).toArray();
    for (const { _id } of spread) await shop.deliver(String(_id));
    for (const order of orders) await shop.settle(order);
  }

  test('is asked in every open order that had the one before, and in no other', async () => {
    const [one, two, own, ended] = [
      await placeOrder(shop),
      await placeOrder(shop),
      await placeOrder(shop),
      await placeOrder(shop),
    ];
    await command(own, { type: 'update-order', client: { name: 'Ole', email: 'ole@other.example' } });
    await command(ended, { type: 'cancel' });
    taken.length = 0;
    await change(right, [one, two, own, ended]);
    expect(readers()).toEqual([right.email, right.email]);
    expect(await Promise.all([one, two, own, ended].map(clientOf))).toEqual([
      ...[right.email, right.email, 'ole@other.example', account.contact.email],
    ]);
    const next = { name: 'Bo', email: 'bo@mueller.test' };
    await change(next, [one, two, own]);
    expect(await Promise.all([one, two, own].map(clientOf))).toEqual([next.email, next.email, 'ole@other.example']);
    const history = JSON.stringify((await models.accounts.get(account._id))?.history);
    expect(history).not.toMatch(/@mueller/);
    await change(account.contact, [one, two]);
  });

  test('is asked in an order whose end is taken back afterwards', async () => {
    const order = await placeOrder(shop);
    await command(order, { type: 'cancel' });
    await change(right, [order]);
    expect(await clientOf(order)).toBe(account.contact.email);
    await command(order, { type: 'undo-closing', closing: 'cancel' });
    expect(await clientOf(order)).toBe(right.email);
    expect(readers().at(-1)).toBe(right.email);
    await change(account.contact, [order]);
  });

  test('is the last of several, however late the news of the others comes', async () => {
    const order = await placeOrder(shop);
    const steps = [right, { name: 'Bo', email: 'bo@mueller.test' }];
    const late = [];
    for (const [index, client] of steps.entries()) {
      const formerly = [account.contact, ...steps].slice(0, index + 1);
      late.push({ order, command: { type: 'follow-contact', client, formerly } });
    }
    const items = await Promise.all(
      late.reverse().map((payload) => shop.accept({ queue: 'setup', kind: 'command', order, payload })),
    );
    for (const { _id } of items) await shop.deliver(_id);
    expect(await clientOf(order)).toBe('bo@mueller.test');
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { hashOf, newId } from '../../kernel/ids.ts';
import { days } from '../../kernel/time.ts';
import { tokenFor, tokenHash } from '../../kernel/tokens.ts';
import type { Link } from '../../models/link.ts';
import { stageOf } from '../../workflows/graph/paths.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { createOrder, openWorkshop, placeOrder } from '../support/workshop.ts';

const shop = await openWorkshop();
const { models, linkSecret } = shop.context;

beforeEach(() => {
  shop.sink.taken.length = 0;
});

const tokenIn = (text?: string): string => text?.match(/https:\/\/portal\.example\/onboarding\/(\S+)/)?.[1] ?? '';
const linkOf = async (order: string): Promise<Link> => (await models.links.ofOrder(order)).at(-1) as Link;

/** Staff ask for something, and everything that follows is done. */
async function ask(order: string, command: Record<string, unknown>, reason?: string): Promise<void> {
  const actor = { type: 'staff', id: 'mia', role: 'setup_manager' } as const;
  await shop.accept({ queue: 'setup', kind: 'command', order, payload: { order, command }, actor, reason });
  expect((await shop.settle(order)).filter(({ state }) => state === 'refused' || state === 'dead')).toEqual([]);
}

const stageOfOrder = async (order: string, key: string) =>
  (await models.orders.get(order))?.state.stages.find((stage) => stage.key === key);

describe('an order that begins with a form', () => {
  test('has one link, mailed once, and knows it', async () => {
    const order = await placeOrder(shop);
    const links = await models.links.ofOrder(order);

    expect(links).toHaveLength(1);
    expect(links[0]).toMatchObject({ stage: 'intake', round: 1, generation: 1, agency: 'nordlicht' });
    expect(await stageOfOrder(order, 'intake')).toMatchObject({ link: links[0]?._id });
    expect(shop.sink.taken.map(({ mail }) => mail.subject)).toEqual([
      expect.stringMatching(/^Bäckerei Müller: details needed to start Google Ads \(order \w{7}\)$/),
    ]);
  });

  test('has the agency’s name on its mail, and the client’s alone as recipient', async () => {
    await placeOrder(shop);
    expect(shop.sink.taken[0]).toMatchObject({
      from: 'hello@nordlicht.example',
      to: ['kaethe@mueller.example'],
      mail: {
        from: { value: [{ name: 'Nordlicht Digital', address: 'hello@nordlicht.example' }] },
        to: { value: [{ name: 'Käthe Müller', address: 'kaethe@mueller.example' }] },
        replyTo: { value: [{ name: 'Client desk', address: 'desk@nordlicht.example' }] },
      },
    });
  });

  test('mails an address that leads to its link and to no other', async () => {
    const order = await placeOrder(shop);
    const token = tokenIn(shop.sink.taken[0]?.mail.text);
    const link = await linkOf(order);

    expect((await models.links.byToken(token))?._id).toBe(link._id);
    expect(await models.links.byToken(tokenHash(token))).toBeNull();
    expect(await models.links.byToken(link._id)).toBeNull();
    expect(await models.approvals.byToken(token)).toBeNull();
    expect(token).toBe(tokenFor(linkSecret, { kind: 'link', id: link._id, generation: 1 }));
  });

  test('makes no second link when the request is delivered again, before or after it was settled', async () => {
    const order = await placeOrder(shop);
    const { _id } = await shop.itemOf(order, 'issue-link');
    await shop.reopen(_id);

    expect(await shop.deliver(_id)).toBe('settled');
    await shop.settle(order);
    expect(await models.links.ofOrder(order)).toHaveLength(1);
    expect(shop.sink.taken).toHaveLength(1);
  });
});

describe('a worker that dies between making a link and passing it on', () => {
  test('leaves an outbox: the next delivery mails it, once', async () => {
    const order = await createOrder(shop);
    const { _id } = await shop.itemOf(order, 'issue-link');
    const dying = { ...models.work, insertMany: () => Promise.reject(new Error('killed')) };

    expect(await shop.deliver(_id, { models: { ...models, work: dying } })).toBe('again');
    expect(await models.links.ofOrder(order)).toMatchObject([{ outbox: [{}, {}] }]);
    expect(await shop.deliver(_id)).toBe('settled');
    await shop.settle(order);

    expect(await models.links.ofOrder(order)).toMatchObject([{ outbox: [] }]);
    expect(shop.sink.taken).toHaveLength(1);
  });
});

describe('a request that comes too late', () => {
  test.each(['issue-link', 'request-approval'])('makes nothing when the round has moved on (%s)', async (kind) => {
    const order = await placeOrder(shop);
    const asked = { order, stage: 'intake', round: 7, recipient: { name: 'Ann', email: 'ann@client.example' } };
    const rest = kind === 'issue-link' ? { form: 'intake' } : { snapshot: {}, hash: 'a' };
    const item = await shop.accept({ queue: 'onboarding', kind, order, payload: { ...asked, ...rest } });
    await shop.deliver(item._id);

    expect(await models.work.get(item._id)).toMatchObject({ state: 'superseded', outcome: { code: 'superseded' } });
    expect(await models.links.ofOrder(order)).toHaveLength(1);
    expect(await models.approvals.ofOrder(order)).toEqual([]);
  });

  test('sends nothing when the order was cancelled before the mail', async () => {
    const order = await placeOrder(shop);
    const link = await linkOf(order);
    const payload = { order, command: { type: 'cancel' } };
    const staff = { type: 'staff', id: 'boss', role: 'order_admin' } as const;
    await shop.accept({ queue: 'setup', kind: 'command', order, payload, actor: staff, reason: 'Bought twice.' });
    await shop.settle(order);
    shop.sink.taken.length = 0;

    const asking = { order, stage: 'intake', round: 1, recipient: link.recipient, link: link._id, data: {} };
    const item = await shop.accept({
      queue: 'notifications',
      kind: 'notify',
      order,
      payload: { template: 'onboarding-requested', ...asking },
    });
    expect(await shop.deliver(item._id)).toBe('settled');
    expect(await models.work.get(item._id)).toMatchObject({ state: 'superseded' });
    expect(shop.sink.taken).toEqual([]);
    expect(await models.notifications.get(item._id)).toBeNull();
  });
});

describe('a link that is asked for again', () => {
  const again = (order: string, recipient?: { name: string; email: string }) =>
    ask(order, { type: 'issue-link', stage: 'intake', ...(recipient && { recipient }) });
  const tokens = () => shop.sink.taken.map(({ mail }) => tokenIn(mail.text)).filter(Boolean);

  test('is the same link, with the same token, mailed again', async () => {
    const order = await placeOrder(shop);
    await again(order);

    expect(await models.links.ofOrder(order)).toMatchObject([{ generation: 1, version: 2 }]);
    expect(tokens()).toEqual([tokens()[0], tokens()[0]]);
    expect(await models.notifications.ofOrder(order)).toHaveLength(2);
  });

  test('may be asked for as often as the client loses it, and the order still knows it', async () => {
    const order = await placeOrder(shop);
    await again(order);
    await again(order);

    const state = (await models.orders.get(order))?.state;
    expect(state?.stages.find(({ key }) => key === 'intake')?.link).toBe((await linkOf(order))._id);
    expect(state?.onboarding).toBe('sent');
    expect(await models.notifications.ofOrder(order)).toHaveLength(3);
  });

  test('has a new token when it goes to somebody else: the first reader’s is void', async () => {
    const order = await placeOrder(shop);
    await again(order, { name: 'Ole', email: 'ole@mueller.example' });

    const [first = '', second = ''] = tokens();
    expect(shop.sink.taken.at(-1)?.to).toEqual(['ole@mueller.example']);
    expect(await models.links.byToken(first)).toBeNull();
    expect(await models.links.byToken(second)).toMatchObject({ generation: 2, recipient: { name: 'Ole' } });
    expect(await models.links.byFormerToken(first)).toMatchObject({ generation: 2 });
    expect(await models.links.byFormerToken(second)).toBeNull();
  });

  test('is the same link however long the client has waited', async () => {
    const order = await placeOrder(shop);
    shop.clock.pass(days(200));
    await again(order);
    const [first = '', second = ''] = tokens();
    expect([second, (await models.links.byToken(first))?.issuedAt]).toEqual([first, shop.clock.now()]);
  });

  test('never reaches its first reader again: a mail of theirs that is still under way is not sent', async () => {
    const order = await createOrder(shop);
    await shop.deliver((await shop.itemOf(order, 'issue-link'))._id);
    const late = await shop.itemOf(order, 'notify');
    const { _id, version } = await linkOf(order);
    const ole = { name: 'Ole', email: 'ole@mueller.example' };
    await models.links.model.collection.updateOne({ _id: _id as never, version }, { $set: { recipient: ole } });

    await shop.deliver(late._id);
    expect(await models.work.get(late._id)).toMatchObject({ state: 'superseded' });
    expect(shop.sink.taken).toEqual([]);
  });
});

describe('a form that was sent back', () => {
  test('is asked for by a new link, whose letter names each answer and why', async () => {
    const order = await placeOrder(shop);
    const first = await linkOf(order);
    const answers = exampleOf(stageOf(workflowFor('google_ads'), 'intake'));
    const submission = { link: first._id, response: newId(), hash: hashOf(answers), answers };
    await ask(order, { type: 'submit-form', stage: 'intake', round: 1, ...submission });
    const fields = [{ field: 'monthly_budget', reason: 'It is below the minimum.' }];
    await ask(order, { type: 'review-form', stage: 'intake', decision: 'revise', fields }, 'Nearly there.');

    expect(await models.links.ofOrder(order)).toHaveLength(2);
    expect(await stageOfOrder(order, 'intake')).toMatchObject({ round: 2, link: expect.not.stringMatching(first._id) });
    const { mail } = shop.sink.taken.at(-1) ?? {};
    expect(mail?.subject).toContain('please correct the details for Google Ads');
    expect(mail?.text).toContain('- Monthly budget: It is below the minimum.');
    expect(mail?.text).toContain('Nearly there.');
    expect((await models.links.byToken(tokenIn(mail?.text)))?.round).toBe(2);
  });
});

describe('a submitted form', () => {
  test('is saved before the order says so, once', async () => {
    const order = await placeOrder(shop);
    const { stage, round, _id: link } = await linkOf(order);
    const response = `form-${link}-1`;
    const answers = { anything: 'at all' };
    const command = { type: 'submit-form', stage, round, link, response, hash: 'a'.repeat(64), answers };
    const item = await shop.accept({ queue: 'setup', kind: 'command', order, payload: { order, command } });
    await shop.deliver(item._id);
    await shop.reopen(item._id);
    await shop.deliver(item._id);

    expect(await models.responses.ofOrder(order)).toMatchObject([{ _id: response, order, stage, round, answers }]);
  });

  test('cannot take the place of another order’s', async () => {
    const [mine, theirs] = [await placeOrder(shop), await placeOrder(shop)];
    const { stage, round, _id: link } = await linkOf(mine);
    const response = newId();
    for (const order of [theirs, mine]) {
      const command = { type: 'submit-form', stage, round, link, response, hash: 'a'.repeat(64), answers: { order } };
      const item = await shop.accept({ queue: 'setup', kind: 'command', order, payload: { order, command } });
      await shop.deliver(item._id);
      if (order === mine) expect(await models.work.get(item._id)).toMatchObject({ outcome: { code: 'key_reused' } });
    }
    expect(await models.responses.get(response)).toMatchObject({ order: theirs });
  });
});

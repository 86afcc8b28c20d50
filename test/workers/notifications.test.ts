import { Redis } from 'ioredis';
import { beforeEach, describe, expect, test } from 'vitest';
import { hours, minutes, seconds } from '../../kernel/time.ts';
import { createMailer, type Mailer } from '../../mail/send.ts';
import type { Link } from '../../models/link.ts';
import type { Notification } from '../../models/notification.ts';
import { createOrder, openWorkshop, placeOrder } from '../support/workshop.ts';

const shop = await openWorkshop();
const { models, mailer } = shop.context;
const { taken, manners, url } = shop.sink;
const timeouts = { connection: 5_000, greeting: 5_000, socket: 1_000 };
const impatient = { mailer: createMailer({ url, timeouts }) };

beforeEach(() => {
  taken.length = 0;
  for (const manner of Object.keys(manners)) delete manners[manner as keyof typeof manners];
});

/** A mail to be sent, of a new order; by default one that asks for something. */
async function aMail({ asks = true } = {}): Promise<string> {
  const order = await createOrder(shop);
  if (asks) {
    await shop.deliver((await shop.itemOf(order, 'issue-link'))._id);
    return (await shop.itemOf(order, 'notify'))._id;
  }
  const recipient = { name: 'Ann', email: 'ann@client.example' };
  const payload = { template: 'order-cancelled', order, recipient, data: {} };
  return (await shop.accept({ queue: 'notifications', kind: 'notify', order, payload }))._id;
}

const recordOf = async (id: string) => (await models.notifications.get(id)) as Notification;
const itemOf = (id: string) => models.work.get(id);
const messageIds = () => taken.map(({ mail }) => mail.messageId);

/** Once for the first caller, and never again. */
function once<T>(value: T): () => T | undefined {
  let left = 1;
  return () => (left-- > 0 ? value : undefined);
}

describe('a notification', () => {
  test('is recorded as sent, with what the server said', async () => {
    const id = await aMail();
    expect(await shop.deliver(id)).toBe('settled');

    expect(await recordOf(id)).toMatchObject({
      state: 'sent',
      template: 'onboarding-requested',
      messageId: `<${id}@nordlicht.example>`,
      response: expect.stringMatching(/^250/),
      tries: 1,
    });
    expect(messageIds()).toEqual([`<${id}@nordlicht.example>`]);
    expect(await itemOf(id)).toMatchObject({ state: 'done' });
  });

  test('that was sent is not sent again, though its job comes again', async () => {
    const id = await aMail();
    await shop.deliver(id);
    await shop.reopen(id);
    shop.clock.pass(seconds(60));

    expect(await shop.deliver(id)).toBe('settled');
    expect(taken).toHaveLength(1);
    expect(await itemOf(id)).toMatchObject({ state: 'done' });
  });

  test('goes out once, though two workers have it at the same time', async () => {
    const id = await aMail();
    await Promise.all([shop.deliver(id), shop.deliver(id)]);

    expect(taken).toHaveLength(1);
    expect(await itemOf(id)).toMatchObject({ state: 'done' });
    expect(await recordOf(id)).toMatchObject({ state: 'sent', tries: 1 });
  });

  test('tells its delivery log by order, oldest first', async () => {
    const order = await placeOrder(shop);
    expect(await models.notifications.ofOrder(order)).toMatchObject([
      { template: 'onboarding-requested', state: 'sent', recipient: { email: 'kaethe@mueller.example' } },
    ]);
  });
});

describe('a worker that dies between sending and recording', () => {
  const died = { ...models.notifications, end: () => Promise.reject(new Error('killed')) };
  const dying = { models: { ...models, notifications: died } };

  test('leaves the mail alone for thirty seconds', async () => {
    const id = await aMail();
    await shop.deliver(id, dying);
    shop.clock.pass(seconds(29));

    expect(await shop.deliver(id)).toBe('later');
    expect(await recordOf(id)).toMatchObject({ state: 'sending' });
    expect(taken).toHaveLength(1);
  });

  test('has a link sent again after that, under the same Message-ID and with the same address', async () => {
    const id = await aMail();
    await shop.deliver(id, dying);
    shop.clock.pass(seconds(31));

    expect(await shop.deliver(id)).toBe('settled');
    expect(await recordOf(id)).toMatchObject({ state: 'sent', tries: 2 });
    expect(new Set(messageIds())).toEqual(new Set([`<${id}@nordlicht.example>`]));
    expect(taken).toHaveLength(2);
    expect(taken[0]?.mail.text).toBe(taken[1]?.mail.text);
  });

  test('has a mere piece of news wait for a person', async () => {
    const id = await aMail({ asks: false });
    await shop.deliver(id, dying);
    shop.clock.pass(seconds(31));

    expect(await shop.deliver(id)).toBe('settled');
    expect(await recordOf(id)).toMatchObject({ state: 'unknown' });
    expect(await itemOf(id)).toMatchObject({ state: 'refused', outcome: { code: 'delivery_unknown' } });
    expect(taken).toHaveLength(1);
  });
});

describe('a worker that wakes up late', () => {
  /** Sends, and then sleeps until it is woken. */
  function sleepy() {
    let wake = () => {};
    const slept = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let asleep = () => {};
    const sleeps = new Promise<void>((resolve) => {
      asleep = resolve;
    });
    const deliver: Mailer['deliver'] = async (mail, signal) => {
      const delivery = await mailer.deliver(mail, signal);
      asleep();
      await slept;
      return delivery;
    };
    return { through: { mailer: { ...mailer, deliver } }, sleeps, wake };
  }

  test('still records what it sent, when nobody has sent since', async () => {
    const id = await aMail({ asks: false });
    const { through, sleeps, wake } = sleepy();
    const late = shop.deliver(id, through);
    await sleeps;
    shop.clock.pass(seconds(31));
    await shop.deliver(id);
    expect(await recordOf(id)).toMatchObject({ state: 'unknown' });

    wake();
    await late;
    expect(await recordOf(id)).toMatchObject({ state: 'sent', tries: 1 });
    expect(taken).toHaveLength(1);
  });

  test('records nothing when another has sent it since', async () => {
    const id = await aMail();
    const { through, sleeps, wake } = sleepy();
    const late = shop.deliver(id, through);
    await sleeps;
    shop.clock.pass(seconds(31));
    await shop.deliver(id);
    const recorded = await recordOf(id);

    wake();
    expect(await late).toBe('again');
    expect(await recordOf(id)).toEqual(recorded);
    expect(recorded).toMatchObject({ state: 'sent', tries: 2 });
  });
});

describe('a mail server', () => {
  test('that is busy gets the mail at the next try', async () => {
    const id = await aMail();
    manners.rcpt = once(451);

    expect(await shop.deliver(id)).toBe('later');
    expect(await recordOf(id)).toMatchObject({ state: 'queued', response: expect.stringContaining('451') });
    expect(await shop.deliver(id)).toBe('settled');
    expect(await recordOf(id)).toMatchObject({ state: 'sent', tries: 2 });
    expect(taken).toHaveLength(1);
  });

  test('that does not know the recipient is not asked again', async () => {
    const id = await aMail();
    manners.rcpt = () => 550;

    expect(await shop.deliver(id)).toBe('settled');
    expect(await recordOf(id)).toMatchObject({ state: 'failed' });
    expect(await itemOf(id)).toMatchObject({ state: 'refused', outcome: { code: 'mail_rejected' } });
  });

  test('that never answers may have taken the mail: a link is sent again', async () => {
    const id = await aMail();
    manners.data = once('hang' as const);

    expect(await shop.deliver(id, impatient)).toBe('later');
    expect(await recordOf(id)).toMatchObject({ state: 'unknown' });
    expect(await shop.deliver(id)).toBe('settled');
    expect(await recordOf(id)).toMatchObject({ state: 'sent', tries: 2 });
  });

  test('that never answers anybody gets a link three times at most; then a person decides', async () => {
    const id = await aMail();
    manners.data = () => 'hang';

    while ((await shop.deliver(id, impatient)) === 'later') shop.clock.pass(minutes(5));
    expect(taken).toHaveLength(3);
    expect(await recordOf(id)).toMatchObject({ state: 'unknown', tries: 3 });
    expect(await itemOf(id)).toMatchObject({ state: 'refused', outcome: { code: 'delivery_unknown' } });
  });

  test('that is away for an hour gets the mail when it is back', async () => {
    const id = await aMail();
    const begun = shop.clock.now().getTime();
    const isAway = () => shop.clock.now().getTime() - begun < hours(1);
    manners.rcpt = () => (isAway() ? 421 : undefined);

    while ((await shop.deliver(id)) === 'later') shop.clock.pass(minutes(1));
    expect(await recordOf(id)).toMatchObject({ state: 'sent', tries: 8 });
    expect(taken).toHaveLength(1);
  });

  test('that is away for a day leaves a dead letter', async () => {
    const id = await aMail();
    manners.rcpt = () => 450;

    while ((await shop.deliver(id)) === 'later') shop.clock.pass(hours(8));
    expect(await shop.deliver(id, {}, 6)).toBe('buried');
    expect(await itemOf(id)).toMatchObject({ state: 'dead', failure: { fingerprint: expect.any(String) } });
    expect(await recordOf(id)).toMatchObject({ state: 'queued' });
  });

  test('that refuses the login refuses everybody: the mail is not to blame', async () => {
    const id = await aMail();
    manners.auth = true;
    const known = createMailer({ url: shop.sink.url.replace('//', '//user:wrong@') });

    expect(await shop.deliver(id, { mailer: known })).toBe('later');
    expect(await recordOf(id)).toMatchObject({ state: 'queued', response: expect.stringContaining('535') });
    expect(await shop.deliver(id)).toBe('settled');
  });
});

describe('what is secret', () => {
  test('is in the mail and nowhere else: no token or address of a person leaks', async () => {
    const order = await placeOrder(shop);
    const token = taken[0]?.mail.text?.match(/onboarding\/(\S+)/)?.[1] ?? '';
    expect(token).toHaveLength(43);
    const busy = once(451);
    manners.rcpt = () => busy() ?? 550;
    const link = (await models.links.ofOrder(order))[0] as Link;
    const again = { order, recipient: link.recipient, link: link._id, template: 'onboarding-requested', data: {} };
    const { _id } = await shop.accept({ queue: 'notifications', kind: 'notify', order, payload: again });
    expect([await shop.deliver(_id), await shop.deliver(_id)]).toEqual(['later', 'settled']);

    const redis = new Redis(shop.redisUrl);
    const keys = await redis.keys(`${shop.redisPrefix}*`);
    const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    await redis.quit();
    const stored: Record<string, unknown[]> = {};
    for (const model of Object.values(models.connection.models)) {
      stored[model.collection.name] = await model.collection.find().toArray();
    }
    const everything = JSON.stringify(stored) + shop.logged.join('') + dumps.join('');
    expect(keys.length).toBeGreaterThan(0);
    expect(everything).not.toContain(token);
    expect(everything).not.toContain(shop.context.linkSecret);

    const email = 'kaethe@mueller.example';
    expect(shop.logged.join('') + dumps.join('')).not.toContain(email);
    const histories = [
      stored['audit'],
      ...Object.values(stored)
        .flat()
        .map((document) => (document as Link).history),
    ];
    expect(JSON.stringify(histories)).not.toContain(email);
    expect(JSON.stringify(stored['links'])).toContain(email);
  });
});

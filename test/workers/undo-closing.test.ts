/** What a client was told of the end of an order is corrected when the end is taken back, and only then. */
import { beforeEach, describe, expect, test } from 'vitest';
import { openWorkshop, placeOrder } from '../support/workshop.ts';

const shop = await openWorkshop();
const { models } = shop.context;
const { manners, taken } = shop.sink;

beforeEach(() => {
  taken.length = 0;
  for (const manner of Object.keys(manners)) delete manners[manner as keyof typeof manners];
});

async function command(order: string, asked: Record<string, unknown>): Promise<void> {
  const actor = { type: 'staff', id: 'ann', role: 'order_admin' } as const;
  const draft = {
    queue: 'setup',
    kind: 'command',
    order,
    actor,
    reason: 'A mistake.',
    payload: { order, command: asked },
  };
  await shop.deliver((await shop.accept(draft))._id);
}

const cancel = { type: 'cancel' };
const undo = { type: 'undo-closing', closing: 'cancel' };
const statusOf = async (order: string) => (await models.orders.get(order))?.state.status;

/** Subjects of what the client was sent since the order was placed. */
async function sentAfter(order: string, ...commands: (Record<string, unknown> | 'mails')[]): Promise<string[]> {
  taken.length = 0;
  for (const each of commands) {
    if (each === 'mails') await shop.settle(order);
    else await command(order, each);
  }
  await shop.settle(order);
  return taken.map(({ mail }) =>
    String(mail.subject)
      .replace(/^.*: /, '')
      .replace(/ \(order .*$/, ''),
  );
}

const cancelled = 'the order for Google Ads is cancelled';
const goesOn = 'the order for Google Ads continues';

describe('a client', () => {
  test('who was told that the order is cancelled is told that it continues', async () => {
    const order = await placeOrder(shop);
    expect(await sentAfter(order, cancel, 'mails', undo)).toEqual([cancelled, goesOn]);
    expect(await statusOf(order)).toBe('onboarding');
  });

  test('whom nobody told yet is told neither', async () => {
    const order = await placeOrder(shop);
    expect(await sentAfter(order, cancel, undo)).toEqual([]);
  });

  test('whose mail server refused the first letter is sent no second', async () => {
    const order = await placeOrder(shop);
    manners.rcpt = () => 550;
    expect(await sentAfter(order, cancel, 'mails')).toEqual([]);
    delete manners.rcpt;
    expect(await sentAfter(order, undo)).toEqual([]);
  });

  test('is told again of each time', async () => {
    const order = await placeOrder(shop);
    expect(await sentAfter(order, cancel, 'mails', undo, 'mails', cancel, 'mails', undo)).toEqual([
      cancelled,
      goesOn,
      cancelled,
      goesOn,
    ]);
  });

  test('of a cleared order hears nothing of it', async () => {
    const order = await placeOrder(shop);
    expect(await sentAfter(order, { type: 'clear' }, 'mails', { ...undo, closing: 'clear' })).toEqual([]);
    expect(await statusOf(order)).toBe('onboarding');
  });
});

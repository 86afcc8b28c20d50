import { beforeAll, describe, expect, test } from 'vitest';
import type { HistoryLine } from '../../kernel/history.ts';
import { failureOf, type WorkItem } from '../../kernel/work.ts';
import { stateOf } from '../../workflows/words/state.ts';
import { createOrder, openWorkshop, type Workshop } from '../support/workshop.ts';

let shop: Workshop;

beforeAll(async () => {
  shop = await openWorkshop();
});

const work = () => shop.context.models.work;
const read = async (id: string) => (await work().get(id)) as WorkItem;
const stage = 'intake';

/** Gives an item up, as a worker does that has used up its attempts. */
async function bury(id: string): Promise<{ id: string; generation: number }> {
  const { generation } = await read(id);
  expect(await work().bury({ _id: id, generation }, failureOf('test', new Error('broken'), shop.clock.now()))).toBe(
    true,
  );
  return { id, generation };
}

async function retry(order: string, dead: object[]): Promise<WorkItem> {
  const payload = { order, command: { type: 'retry-stage', stage, dead } };
  const { _id } = await shop.accept({ queue: 'setup', kind: 'command', order, payload, reason: 'The line is back.' });
  await shop.deliver(_id);
  return shop.itemOf(order, 'reopen');
}

const linkOf = async (order: string) => {
  const found = await shop.context.models.orders.get(order);
  return found && stateOf(found.state, stage).link;
};

/** What a retry has left in the history of the queue of links. */
async function interventionsBy({ _id }: WorkItem): Promise<HistoryLine[]> {
  const found = await shop.context.models.connection.model('queue').collection.findOne({ _id: 'onboarding' as never });
  return ((found?.['history'] ?? []) as HistoryLine[]).filter(({ work: by }) => by === _id);
}

describe('a stage whose work was given up', () => {
  test('has it taken up by a retry, in the round it is in', async () => {
    const order = await createOrder(shop);
    const link = await shop.itemOf(order, 'issue-link');
    const reopening = await retry(order, [await bury(link._id)]);
    await shop.deliver(reopening._id);
    expect((await read(reopening._id)).outcome?.result).toEqual({ again: 1, finished: 0, unknown: 0 });
    expect(await linkOf(order)).toBeUndefined();
    await shop.settle(order);
    expect(await linkOf(order)).toEqual(expect.any(String));
    const { state } = (await shop.context.models.orders.get(order)) ?? {};
    expect(state && stateOf(state, stage).round).toBe(1);
  });

  test('has it taken up once, though the job comes twice and the work dies again', async () => {
    const order = await createOrder(shop);
    const link = await shop.itemOf(order, 'issue-link');
    const reopening = await retry(order, [await bury(link._id)]);
    await shop.deliver(reopening._id);
    await bury(link._id);
    await shop.reopen(reopening._id);
    await shop.deliver(reopening._id);
    expect(await read(link._id)).toMatchObject({ state: 'dead' });
    expect(await interventionsBy(reopening)).toHaveLength(1);
  });

  test('leaves what was sent, and what nobody knows the outcome of, where it is', async () => {
    const order = await createOrder(shop);
    const dead = [];
    for (const state of ['sent', 'unknown']) {
      const payload = { template: 'sla-warned', order, stage, round: 1, to: 'manager' };
      const { _id } = await shop.accept({ queue: 'notifications', kind: 'tell', order, payload });
      await shop.context.models.connection.model('Notification').collection.insertOne({ _id, state } as never);
      dead.push(await bury(_id));
    }
    const reopening = await retry(order, dead);
    await shop.deliver(reopening._id);
    expect((await read(reopening._id)).outcome?.result).toEqual({ again: 0, finished: 1, unknown: 1 });
    for (const { id } of dead) expect(await read(id)).toMatchObject({ state: 'dead' });
  });

  test('takes up nothing of another order, whoever names it', async () => {
    const [order, other] = [await createOrder(shop), await createOrder(shop)];
    const foreign = await bury((await shop.itemOf(other, 'issue-link'))._id);
    const reopening = await retry(order, [foreign]);
    await shop.deliver(reopening._id);
    expect(await read(foreign.id)).toMatchObject({ state: 'dead' });
  });
});

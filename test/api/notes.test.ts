/** Notes over the API: none is ever dropped, and all are read page by page. */
import { beforeAll, describe, expect, test } from 'vitest';
import { anApi, type TestApi } from '../support/api.ts';
import { aBulk } from '../support/bulk.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
});

const headers = { 'if-match': '*' };
const show = async (order: string) => (await api.call('GET', `/v1/admin/orders/${order}`)).json();

async function write(order: string, texts: string[]): Promise<void> {
  for (const text of texts) {
    const body = { command: { type: 'note-order', text } };
    expect((await api.call('PUT', `/v1/admin/orders/${order}/labels`, { body, headers })).statusCode).toBe(202);
  }
  await api.work();
}

async function readAll(order: string, limit: number): Promise<{ number: number; text: string }[]> {
  const found = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const answer = await api.call(
      'GET',
      `/v1/admin/orders/${order}/notes?limit=${limit}${cursor && `&cursor=${cursor}`}`,
    );
    expect(answer.statusCode, answer.body).toBe(200);
    const { data, page } = answer.json();
    expect(page.hasMore).toBe(page.nextCursor !== undefined);
    found.push(...data);
    cursor = page.nextCursor;
  }
  return found;
}

describe('notes', () => {
  test('the 51st note deletes none: all are listed, the newest first, and counted', async () => {
    const order = await api.order('seo');
    const texts = Array.from({ length: 60 }, (_, n) => `Note ${n + 1}`);
    for (let n = 0; n < 60; n += 10) await write(order, texts.slice(n, n + 10));
    const all = await readAll(order, 7);
    expect(all.map(({ number }) => number)).toEqual(texts.map((_, n) => 60 - n));
    expect([...all.map(({ text }) => text)].sort()).toEqual([...texts].sort());
    expect(await show(order)).toMatchObject({ noteCount: 60, notes: { length: 50 } });
  });

  test('notes of an order from before they were counted stay, beside new ones', async () => {
    const order = await api.order('seo');
    const notes = Array.from({ length: 50 }, (_, n) => ({ text: `Old ${n + 1}`, by: 'ann', at: new Date() }));
    await api.models.orders.model.collection.updateOne({ _id: order as never }, { $set: { 'state.notes': notes } });
    expect(await readAll(order, 20)).toHaveLength(50);
    for (let n = 0; n < 30; n += 1) await write(order, [`New ${n + 1}`]);
    const all = await readAll(order, 200);
    expect(all.map(({ text }) => text).reverse()).toEqual([
      ...notes.map(({ text }) => text),
      ...Array.from({ length: 30 }, (_, n) => `New ${n + 1}`),
    ]);
    const work = await api.models.work.model.collection.findOne({ kind: 'keep-notes', order: order as never });
    expect(work).not.toBeNull();
  });

  test('a note of a bulk operation that is undone is listed no more, and its number is the next one’s', async () => {
    const order = await api.order('seo');
    await write(order, ['First.']);
    const bulk = aBulk(api);
    const action = { type: 'note-order', text: 'Second.' };
    const done = await bulk.run(await bulk.plan({ action, ids: [order] }));
    expect((await readAll(order, 10)).map(({ text }) => text)).toEqual(['Second.', 'First.']);
    const asked = await bulk.turn(done.id, 'undo', { reason: 'A mistake.' });
    await bulk.settle();
    await bulk.run(await bulk.show(asked.json().id));
    expect((await readAll(order, 10)).map(({ text }) => text)).toEqual(['First.']);
    await write(order, ['Third.']);
    expect((await readAll(order, 10))[0]).toMatchObject({ number: 2, text: 'Third.' });
  });

  test('a note that takes the number of one that was undone is kept, however late that one comes again', async () => {
    const order = await api.order('seo');
    const of = { agency: 'north', account: 'acme', order };
    const undone = { number: 31, text: 'Undone.', by: 'ann', at: new Date('2026-03-02T10:00:00Z') };
    const next = { number: 31, text: 'The next one.', by: 'ann', at: new Date('2026-03-02T11:00:00Z') };
    for (const note of [undone, next, undone, next]) await api.models.notes.keep(of, [note]);
    expect(await api.models.notes.between(order, { from: 1, to: 40 })).toMatchObject([next]);
    expect(await api.models.notes.model.collection.countDocuments({ order })).toBe(2);
  });

  test('a cursor of another order, and a key that may not read orders, are refused', async () => {
    const [one, other] = [await api.order('seo'), await api.order('seo')];
    await write(one, ['A', 'B']);
    const first = (await api.call('GET', `/v1/admin/orders/${one}/notes?limit=1`)).json();
    const foreign = await api.call('GET', `/v1/admin/orders/${other}/notes?cursor=${first.page.nextCursor}`);
    expect(foreign.statusCode).toBe(400);
    expect((await api.call('GET', `/v1/admin/orders/${one}/notes`, { as: 'nobody' })).statusCode).toBe(401);
    expect((await api.call('GET', '/v1/admin/orders/ord_none/notes')).statusCode).toBe(404);
  });
});

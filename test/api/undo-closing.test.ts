/** Taking back the end of an order, as the API offers it: one at a time as in bulk. */
import { beforeAll, describe, expect, test } from 'vitest';
import { anApi, type TestApi } from '../support/api.ts';
import { aBulk } from '../support/bulk.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
});

const any = { 'if-match': '*' };
const show = async (order: string) => (await api.call('GET', `/v1/admin/orders/${order}`)).json();
const undo = (order: string, body: object, as = 'order_admin') =>
  api.call('POST', `/v1/admin/orders/${order}/undo`, { as, body, headers: any });
const reason = 'A mistake.';

async function cancelled(product = 'seo'): Promise<string> {
  const order = await api.order(product);
  await api.call('PUT', `/v1/admin/orders/${order}/status`, {
    body: { status: 'cancelled', reason: 'Sold.' },
    headers: any,
  });
  await api.work();
  return order;
}

async function cleared(): Promise<string> {
  const order = await api.order('seo');
  await api.call('DELETE', `/v1/admin/orders/${order}?reason=Twice`, { headers: any });
  await api.work();
  return order;
}

describe('an order', () => {
  test('that was cancelled says until when that can be undone, and goes on where it was', async () => {
    const order = await cancelled();
    const { undo: offered, closedAt } = await show(order);
    expect(offered.closing).toBe('cancel');
    expect(Date.parse(offered.until) - Date.parse(closedAt)).toBe(7 * 86_400_000);
    expect((await undo(order, { reason })).statusCode).toBe(202);
    await api.work();
    const now = await show(order);
    expect(now).toMatchObject({ status: 'onboarding', stage: 'intake' });
    expect([now.undo, now.closedAt]).toEqual([undefined, undefined]);
    const { history } = (await api.models.orders.get(order))!;
    expect(history.find(({ action }) => action === 'undo-closing')).toMatchObject({
      reason,
      outcome: 'done',
      cause: 'api',
    });
    const { data } = (await api.call('GET', `/v1/store/orders/${order}/timeline`)).json();
    expect(data.map(({ what }: { what: string }) => what)).toContain(
      'The cancellation was taken back. The order continues.',
    );
  });

  test('that was cleared is in the lists again', async () => {
    const order = await cleared();
    const listed = async () => {
      const { data } = (await api.call('GET', '/v1/admin/orders?limit=100')).json();
      return data.some(({ id }: { id: string }) => id === order);
    };
    expect(await listed()).toBe(false);
    expect((await undo(order, { closing: 'clear', reason })).statusCode).toBe(202);
    await api.work();
    expect(await listed()).toBe(true);
  });

  test('that is open, or was closed in another way, has nothing of the kind to undo', async () => {
    const open = await api.order('seo');
    expect((await undo(open, { reason })).json()).toMatchObject({ status: 409, code: 'order_open' });
    expect((await undo(await cleared(), { closing: 'cancel', reason })).json()).toMatchObject({
      code: 'value_moved',
      errors: [{ pointer: '/closing', rule: 'not_the_last' }],
    });
    expect((await undo(open, {})).statusCode).toBe(400);
    expect((await undo(open, { closing: 'pause', reason })).statusCode).toBe(400);
  });

  test('is taken back by those alone who may end it', async () => {
    const order = await cancelled();
    for (const as of ['setup_manager', 'fulfillment', 'account_manager']) {
      expect((await undo(order, { reason }, as)).statusCode, as).toBe(403);
    }
    const ended = await api.order('software');
    await api.work();
    const complete = { body: { status: 'completed' }, headers: any, as: 'setup_manager' };
    await api.call('PUT', `/v1/admin/orders/${ended}/status`, complete);
    await api.work();
    expect(await show(ended)).toMatchObject({ status: 'completed', undo: { closing: 'complete-order' } });
    expect((await undo(ended, { reason }, 'setup_manager')).statusCode).toBe(202);
    await api.work();
    expect(await show(ended)).toMatchObject({ status: 'live' });
  });

  test('cancelled by a bulk operation is undone alone as well; the undo of the operation then leaves it alone', async () => {
    const bulk = aBulk(api);
    const [one, other] = [await api.order('seo'), await api.order('seo')];
    const action = { type: 'set-status', status: 'cancelled' };
    const done = await bulk.run(await bulk.plan({ action, ids: [one, other], reason: 'Sold.' }));
    expect(done).toMatchObject({ status: 'completed', progress: { updated: 2 } });
    expect((await undo(one, { reason })).statusCode).toBe(202);
    await api.work();
    await bulk.turn(done.id, 'undo', { reason });
    await bulk.settle();
    const { data } = (await api.call('GET', '/v1/bulk-operations?limit=1')).json();
    expect(data[0].plan.verdicts).toMatchObject({ will_change: 1, conflict: 1 });
    const undone = await bulk.run(data[0]);
    expect(undone).toMatchObject({ status: 'completed', progress: { updated: 1, conflict: 1 } });
    expect((await show(one)).status).toBe('onboarding');
    expect((await show(other)).status).toBe('onboarding');
    const letters = async (order: string) =>
      (await api.models.work.ofOrder(order, 50)).flatMap(({ payload }) => payload['template'] ?? []);
    expect(await letters(other)).toEqual(expect.arrayContaining(['order-cancelled', 'cancellation-withdrawn']));
  });
});

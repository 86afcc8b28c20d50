/** Asking over HTTP that a stage is looked at again: the same rule, the same refusals, one look. */
import { beforeAll, describe, expect, test } from 'vitest';
import { anApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let order: string;
beforeAll(async () => {
  api = await anApi();
  order = await api.order('backlinks');
  await api.walk(order);
}, 120_000);

const recheck = (stage: string, as = 'fulfillment', headers: Record<string, string> = { 'if-match': '*' }) =>
  api.call('PUT', `/v1/admin/orders/${order}/stage`, { as, body: { action: 'recheck', stage }, headers });
const checkOf = async (stage: string) =>
  (await api.models.orders.get(order))?.state.stages.find(({ key }) => key === stage)?.check;

describe('a recheck', () => {
  test('of what is done and looked at again is accepted, looks once, and counts', async () => {
    const before = await checkOf('link_verified');
    const headers = { 'if-match': '*', 'idempotency-key': 'recheck-links-1' };
    const [first, second] = [
      await recheck('link_verified', 'fulfillment', headers),
      await recheck('link_verified', 'fulfillment', headers),
    ];
    expect([first.statusCode, second.json().job.id]).toEqual([202, first.json().job.id]);
    await api.work();
    expect(await checkOf('link_verified')).toMatchObject({
      ...{ isUnderway: false, attempt: (before?.attempt ?? 0) + 1, held: (before?.held ?? 0) + 1 },
    });
    expect((await api.models.orders.get(order))?.state.status).toBe('live');
  });

  test('of anything else is refused, and changes nothing', async () => {
    const version = (await api.models.orders.get(order))?.version;
    expect((await recheck('placed')).json().code).toBe('wrong_gate');
    expect((await recheck('moon')).json().code).toBe('unknown_stage');
    expect((await recheck('link_verified', 'account_manager')).statusCode).toBe(403);
    expect((await recheck('link_verified', 'fulfillment', {})).statusCode).toBe(428);
    const body = { order, command: { type: 'recheck-stage', stage: 'link_verified', round: 1 } };
    expect((await api.call('POST', '/v1/jobs', { as: 'order_admin', body })).json().code).toBe('invalid_request');
    expect(await api.work()).toBe(0);
    expect((await api.models.orders.get(order))?.version).toBe(version);
  });
});

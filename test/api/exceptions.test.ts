/** An exception from a check, as the API offers it: by one person, granted by another, shown wherever the order is. */
import { beforeAll, describe, expect, test } from 'vitest';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { anApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let order: string;

const stage = 'tracking_verified';
const evidence = 'Tag Assistant, screenshot 17';
const reason = 'GA4 is loaded by Tag Manager.';
const get = async (url: string, as = 'order_admin') => (await api.call('GET', url, { as })).json();
const move = (body: object, as = 'order_admin') =>
  api.call('PUT', `/v1/admin/orders/${order}/stage`, { as, body: { stage, ...body }, headers: { 'if-match': '*' } });
const stageOf = async () =>
  (await get(`/v1/admin/orders/${order}`)).stages.find(({ key }: { key: string }) => key === stage);

beforeAll(async () => {
  api = await anApi();
  order = await api.order('seo');
  await api.walk(order, stage);
  const data = {
    ...exampleOf(workflowFor('seo').stages.find(({ key }) => key === stage)!),
    ga4_measurement_id: 'G-ZZ99ZZ99ZZ',
  };
  expect((await move({ action: 'complete', data }, 'fulfillment')).statusCode).toBe(202);
  await api.work();
  expect((await stageOf()).status).toBe('failed');
});

describe('an exception', () => {
  test('is asked for with evidence by whoever may work on the stage, and by no one else', async () => {
    const ask = { action: 'request-exception', reason, evidence };
    expect((await move({ action: 'request-exception', reason }, 'fulfillment')).statusCode).toBe(400);
    expect((await move({ ...ask, evidence: 'Yes' }, 'fulfillment')).json().errors).toMatchObject([
      { pointer: '/evidence' },
    ]);
    expect((await move(ask, 'account_manager')).statusCode).toBe(403);
    expect((await move({ action: 'decide-exception', decision: 'grant' })).json().code).toBe('exception_not_requested');
    expect((await move(ask, 'fulfillment')).statusCode).toBe(202);
    await api.work();
    await api.keepWatch();
    expect((await stageOf()).exception).toMatchObject({
      ...{ state: 'requested', reason, evidence },
      looks: [expect.stringContaining('carries the tag G-ZZ99ZZ99ZZ')],
    });
    expect((await get(`/v1/admin/orders/${order}`)).why.blocker).toContain('has requested an exception');
    expect((await get('/v1/admin/alerts?kind=exception-requested')).data).toMatchObject([
      { order, stage, state: 'open' },
    ]);
  });

  test('is granted by someone else who may manage the set-up, and counted and shown from then on', async () => {
    const grant = { action: 'decide-exception', decision: 'grant', reason: 'The picture is clear.' };
    expect((await move(grant, 'fulfillment')).statusCode).toBe(403);
    expect((await move({ ...grant, decision: 'refuse', reason: undefined }, 'setup_manager')).json().code).toBe(
      'reason_required',
    );
    expect((await move(grant, 'setup_manager')).statusCode).toBe(202);
    await api.work();
    await api.keepWatch();
    const shown = await get(`/v1/admin/orders/${order}`);
    expect([shown.exceptions, shown.stage]).toEqual([1, 'qa']);
    expect((await stageOf()).exception).toMatchObject({ state: 'granted', reason, evidence });
    const progress = await get(`/v1/admin/orders/${order}/setup-progress?detail=full`);
    expect(progress.exceptions).toBe(1);
    const events = progress.history.flatMap((line: { events: { type: string }[] }) => line.events);
    const told = JSON.stringify(events.filter(({ type }: { type: string }) => type.startsWith('exception-')));
    expect(told).toContain('exception-granted');
    expect(told).not.toContain('Tag Assistant');
    const { data } = await get(`/v1/store/orders/${order}/timeline`);
    expect(data.map(({ what }: { what: string }) => what)).toContain('We confirmed “Tracking” by hand.');
    expect((await get('/v1/admin/alerts?kind=exception-requested')).data).toEqual([]);
    const report = await get('/v1/admin/analytics/exceptions?product=seo');
    expect(report.total).toMatchObject({ exceptions: { value: 1 } });
    expect(report.stages.find((row: { stage: string }) => row.stage === stage)).toMatchObject({
      ...{ product: 'seo', exceptions: { value: 1 }, rounds: { value: 1 }, exceptionRate: { value: 1 } },
    });
  });

  test('is revoked with a reason, and the stage is done again', async () => {
    expect((await move({ action: 'revoke-exception', reason: 'The tag is gone.' }, 'fulfillment')).statusCode).toBe(
      403,
    );
    expect((await move({ action: 'revoke-exception', reason: 'The tag is gone.' }, 'setup_manager')).statusCode).toBe(
      202,
    );
    await api.work();
    const is = await stageOf();
    expect(is).toMatchObject({ status: 'ready', round: 2 });
    expect(is.exception).toBeUndefined();
  });
});

import { beforeAll, describe, expect, test } from 'vitest';
import { anApi, client, type TestApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
});

const ordered = { account: 'acme', product: 'listings', tier: 'basic', title: 'Listings for Acme', client };

describe('creating an order', () => {
  test('is answered with the job and the order to be, and the order is there once the work is done', async () => {
    const answer = await api.call('POST', '/v1/admin/orders', { body: ordered });
    expect(answer.statusCode).toBe(202);
    const { job, order } = answer.json();
    expect(answer.headers.location).toBe(`/v1/jobs/${job.id}`);
    expect(job).toMatchObject({ kind: 'create-order', state: 'open', order: order.id });

    await api.work();
    const settled = await api.call('GET', `/v1/jobs/${job.id}`);
    expect(settled.json()).toMatchObject({ state: 'done', outcome: { status: 'done', result: { id: order.id } } });
    const shown = await api.call('GET', `/v1/admin/orders/${order.id}`);
    expect(shown.headers.etag).toBe('"1"');
    expect(shown.json()).toMatchObject({ id: order.id, account: 'acme', agency: 'north', product: 'listings' });
  });

  test('makes one order of equal requests under one key, and refuses the key to another', async () => {
    const headers = { 'idempotency-key': 'one-and-the-same' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api.call('POST', '/v1/admin/orders', { body: ordered, headers })),
    );
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([202]));
    expect(new Set(answers.map((answer) => answer.json().order.id)).size).toBe(1);
    expect(answers.filter(({ headers: sent }) => sent['idempotency-replayed'] === 'true')).toHaveLength(49);
    await api.work();
    const replay = await api.call('POST', '/v1/admin/orders', { body: ordered, headers });
    expect(replay.json().job.state).toBe('done');

    const other = await api.call('POST', '/v1/admin/orders', { body: { ...ordered, title: 'Another' }, headers });
    expect(other.statusCode).toBe(422);
    expect(other.json()).toMatchObject({ code: 'key_reused', status: 422 });
    const elsewhere = await api.call('POST', '/v1/admin/orders', { body: { ...ordered, account: 'bolt' }, headers });
    expect(elsewhere.statusCode).toBe(422);
  });

  test('an account of another agency is an account that there is not', async () => {
    const foreign = await api.call('POST', '/v1/admin/orders', { body: { ...ordered, account: 'cove' } });
    const none = await api.call('POST', '/v1/admin/orders', { body: { ...ordered, account: 'none' } });
    expect(foreign.statusCode).toBe(404);
    expect({ ...foreign.json(), requestId: '', instance: '' }).toEqual({ ...none.json(), requestId: '', instance: '' });
  });
});

describe('an order', () => {
  test.each(['listings', 'google_ads', 'seo'])(
    'of %s goes live through the API and the client pages',
    async (product) => {
      const id = await api.order(product);
      await api.walk(id);
      const shown = (await api.call('GET', `/v1/admin/orders/${id}`)).json();
      expect(shown).toMatchObject({ status: 'live' });
      const progress = (await api.call('GET', `/v1/admin/orders/${id}/setup-progress?detail=full`)).json();
      expect(progress).toMatchObject({ percent: 100, why: { blocker: 'Nothing. The order is live.' } });
      expect(progress.history.length).toBeGreaterThan(3);
    },
  );

  test('of another agency is not found, as one that never was', async () => {
    const id = await api.order('listings');
    const { key } = await api.models.apiKeys.issue(
      { name: 'south', type: 'staff', role: 'order_admin', agency: 'south' },
      new Date(),
    );
    const foreign = await api.call('GET', `/v1/admin/orders/${id}`, { as: key });
    expect(foreign.statusCode).toBe(404);
    expect(foreign.json().code).toBe('order_not_found');
    expect((await api.call('GET', '/v1/admin/orders', { as: key })).json().data).toEqual([]);
  });

  test('tells why it is where it is', async () => {
    const id = await api.order('google_ads');
    const progress = (await api.call('GET', `/v1/admin/orders/${id}/setup-progress`)).json();
    expect(progress.why).toMatchObject({ stage: 'intake', holder: 'client' });
    expect(progress.stages[0]).toMatchObject({ key: 'intake', status: 'waiting', title: expect.any(String) });
  });
});

describe('an onboarding link', () => {
  const tracking = { utm_source: 'newsletter', 'utm.campaign-2': 'März 2026' };
  const form = async (id: string) => (await api.call('GET', `/v1/admin/onboardings?orders=${id}`)).json().data[0];
  const send = (id: string, body: object) =>
    api.call('POST', `/v1/admin/orders/${id}/onboarding-link`, { body: { stage: 'intake', ...body } });

  test('is counted under the tracking that it was asked for with, and keeps it when it is sent again', async () => {
    const id = await api.order('google_ads');
    expect(await form(id)).not.toHaveProperty('tracking');
    for (const body of [{ tracking }, {}]) {
      expect((await send(id, body)).statusCode).toBe(202);
      await api.work();
      expect(await form(id)).toMatchObject({ status: 'sent', tracking });
    }
  });

  test('takes few and short words as tracking', async () => {
    const id = await api.order('google_ads');
    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`utm_${n}`, 'x']));
    for (const wrong of [eleven, { 'utm source': 'x' }, { $where: 'x' }, { utm_source: 'x'.repeat(201) }, { n: 1 }]) {
      const answer = await send(id, { tracking: wrong });
      expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, expect.stringMatching(/^\/tracking/)]);
    }
  });
});

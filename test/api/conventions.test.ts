import { beforeAll, describe, expect, test } from 'vitest';
import { anApi, client, type TestApi } from '../support/api.ts';
import { everything } from '../support/state-of-everything.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
});

describe('If-Match', () => {
  const begin = { action: 'begin', stage: 'tracking_installed' };

  test.each([
    ['PUT', '/stage', begin],
    ['PUT', '/status', { status: 'paused', reason: 'asked' }],
    ['PUT', '/onboarding', { status: 'approved' }],
    ['PUT', '', { title: 'New' }],
    ['DELETE', '?reason=asked', undefined],
  ] as const)(
    'is required by %s …%s: missing 428, stale 412, malformed 400, and nothing is changed',
    async (method, path, body) => {
      const id = await api.order('google_ads');
      await api.walk(id, 'tracking_installed');
      const before = await everything(api.models, api.redis);
      const ask = (match?: string) =>
        api.call(method, `/v1/admin/orders/${id}${path}`, {
          body,
          headers: match === undefined ? {} : { 'if-match': match },
        });
      const version = (await api.models.orders.get(id))?.version ?? 0;
      expect((await ask()).json()).toMatchObject({ status: 428, code: 'version_required' });
      expect((await ask(`"${version - 1}"`)).json()).toMatchObject({ status: 412, code: 'version_changed' });
      expect((await ask('version 3')).json()).toMatchObject({
        status: 400,
        errors: [{ pointer: '/headers/if-match' }],
      });
      expect(await everything(api.models, api.redis)).toEqual(before);
    },
  );

  test('is kept in the work item, and checked again by the worker', async () => {
    const id = await api.order('listings');
    const etag = (await api.call('GET', `/v1/admin/orders/${id}`)).headers.etag as string;
    const rename = (title: string) =>
      api.call('PUT', `/v1/admin/orders/${id}`, { body: { title }, headers: { 'if-match': etag } });
    const [first, second] = [await rename('First'), await rename('Second')];
    expect([first.statusCode, second.statusCode]).toEqual([202, 202]);
    await api.work();
    const jobs = await Promise.all([first, second].map((answer) => api.call('GET', answer.headers.location as string)));
    expect(jobs.map((job) => job.json().state).sort()).toEqual(['done', 'refused']);
    expect(jobs.find((job) => job.json().state === 'refused')?.json().outcome.code).toBe('version_changed');
  });

  test('of a replay is that of the first time', async () => {
    const id = await api.order('listings');
    const etag = (await api.call('GET', `/v1/admin/orders/${id}`)).headers.etag as string;
    const headers = { 'if-match': etag, 'idempotency-key': 'rename-once' };
    const rename = () => api.call('PUT', `/v1/admin/orders/${id}`, { body: { title: 'Once' }, headers });
    await rename();
    await api.work();
    const replay = await rename();
    expect([replay.statusCode, replay.headers['idempotency-replayed'], replay.json().job.state]).toEqual([
      202,
      'true',
      'done',
    ]);
  });
});

describe('Prefer: wait', () => {
  const ordered = { account: 'acme', product: 'listings', tier: 'basic', title: 'Waited for', client };

  test('gives the outcome as soon as it is there', async () => {
    const asked = api.call('POST', '/v1/admin/orders', { body: ordered, headers: { prefer: 'wait=20' } });
    const begun = performance.now();
    while ((await api.work()) === 0) if (performance.now() - begun > 10_000) throw new Error('No work came.');
    const answer = await asked;
    expect([answer.statusCode, answer.headers['preference-applied']]).toEqual([200, 'wait=20']);
    expect(answer.json().job).toMatchObject({ state: 'done' });
  });

  test('gives 202 when the time is up', async () => {
    const answer = await api.call('POST', '/v1/admin/orders', { body: ordered, headers: { prefer: 'wait=1' } });
    expect([answer.statusCode, answer.headers['preference-applied']]).toEqual([202, undefined]);
    expect(answer.json().job.state).toBe('open');
  });
});

describe('a job', () => {
  test('can be any command that the key has the right to give', async () => {
    const command = {
      type: 'create-order',
      product: 'listings',
      tier: 'basic',
      source: 'store',
      title: 'By job',
      client,
    };
    const created = await api.call('POST', '/v1/jobs', { body: { account: 'acme', command } });
    expect(created.statusCode).toBe(202);
    await api.work();
    const order = created.json().order.id;
    const pause = { order, command: { type: 'pause' }, reason: 'The client is away.' };
    expect((await api.call('POST', '/v1/jobs', { body: pause })).statusCode).toBe(202);
    await api.work();
    expect((await api.models.orders.get(order))?.state.status).toBe('paused');
  });

  test.each([
    [
      'a command of the system',
      { order: 'x', command: { type: 'record-link', stage: 'intake', round: 1, link: 'l' } },
      'forbidden',
      'order_admin',
    ],
    ['a command without its right', { order: 'x', command: { type: 'clear' } }, 'forbidden', 'fulfillment'],
    ['an unknown command', { order: 'x', command: { type: 'drop' } }, 'invalid_request', 'order_admin'],
    [
      'an order and an account',
      { order: 'x', account: 'acme', command: { type: 'pause' } },
      'invalid_request',
      'order_admin',
    ],
    ['no order', { command: { type: 'pause' } }, 'invalid_request', 'order_admin'],
  ])('is refused for %s', async (_, body, code, as) => {
    const id = await api.order('listings');
    const answer = await api.call('POST', '/v1/jobs', { as, body: { ...body, ...('order' in body && { order: id }) } });
    expect(answer.json().code).toBe(code);
  });
});

describe('an order', () => {
  const change = (id: string, method: 'PUT' | 'DELETE', path: string, body?: unknown) =>
    api.call(method, `/v1/admin/orders/${id}${path}`, { body, headers: { 'if-match': '*' } });

  test('is paused and resumed where it was', async () => {
    const id = await api.order('google_ads');
    expect((await change(id, 'PUT', '/status', { status: 'paused' })).json().code).toBe('reason_required');
    await change(id, 'PUT', '/status', { status: 'paused', reason: 'Holidays' });
    await api.work();
    expect((await change(id, 'PUT', '/status', { status: 'paused', reason: 'again' })).statusCode).toBe(409);
    await change(id, 'PUT', '/status', { status: 'active' });
    await api.work();
    expect((await api.models.orders.get(id))?.state.status).toBe('onboarding');
  });

  test('that is cleared is in no list any more, but can be read', async () => {
    const id = await api.order('listings');
    expect((await change(id, 'DELETE', '')).json().errors[0]).toMatchObject({
      pointer: '/query/reason',
      rule: 'required',
    });
    expect((await change(id, 'DELETE', '?reason=Ordered%20twice')).statusCode).toBe(202);
    await api.work();
    const listed = (await api.call('GET', '/v1/admin/orders?limit=200')).json().data as { id: string }[];
    expect(listed.map((order) => order.id)).not.toContain(id);
    expect((await api.call('GET', `/v1/admin/orders/${id}`)).json()).toMatchObject({
      status: 'cancelled',
      clearedAt: expect.any(String),
    });
  });

  test('has its form approved, or sent back with reasons, by its onboarding status', async () => {
    const id = await api.order('listings');
    expect((await change(id, 'PUT', '/onboarding', { status: 'approved' })).json().code).toBe('wrong_gate');
    const google = await api.order('google_ads');
    expect((await change(google, 'PUT', '/onboarding', { status: 'approved' })).json().code).toBe('stage_not_ready');
  });
});

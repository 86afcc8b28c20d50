import type { InjectOptions } from 'fastify';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { warnAtStart } from '../../api/http/proxy.ts';
import { createLog, type Log } from '../../runtime/log.ts';
import { signedHeaders } from '../../runtime/webhook.ts';
import { anApi, type TestApi } from '../support/api.ts';

describe('a caller who asks too much', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await anApi({ limits: { requests: 3, guesses: 1_000 }, redisUrl: 'redis://127.0.0.1:1' });
  });

  test('is told how much is left, and then to wait; others are not held up, and Redis is not needed', async () => {
    const ask = (as: string) => api.call('GET', '/v1/products', { as });
    const first = await ask('order_admin');
    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"default";q=3;w=60', ratelimit: '"default";r=2;t=60' });
    expect(Object.keys(first.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    await ask('order_admin');
    await ask('order_admin');
    const refused = await ask('order_admin');
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('fulfillment')).statusCode).toBe(200);
  });

  test('cannot use up the share of another’s key by claiming it; a health probe is never refused', async () => {
    const claimed = `${api.keys.setup_manager.slice(0, 16)}${'x'.repeat(43)}`;
    const statuses: number[] = [];
    for (const url of ['/docs/json', '/v1/products', '/docs/json', '/docs/json', '/docs/json']) {
      statuses.push((await api.call('GET', url, { as: claimed })).statusCode);
    }
    expect(statuses).toEqual([200, 401, 200, 200, 429]);
    expect((await api.call('GET', '/v1/products', { as: 'setup_manager' })).headers['ratelimit']).toMatch(/r=2/);
    expect((await api.call('GET', '/health/live', { as: claimed })).statusCode).toBe(200);
  });
});

const vendor = (secret: string) => ({
  ...{ _id: 'quick', name: 'Quick', url: 'https://quick.example', secrets: [secret], limit: 1, schedule: [1] },
  ...{ keyMemory: 1_000, pollAfter: 1_000, answerWithin: 1_000, serves: [] },
});
const madeUpKey = `ow_${'a'.repeat(12)}_${'b'.repeat(43)}`;
const wrongKey = { method: 'GET', url: '/v1/products', headers: { authorization: `Bearer ${madeUpKey}` } } as const;

describe('a caller who guesses', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await anApi({ limits: { requests: 1_000, guesses: 5 } });
  });
  const ask = (with_: InjectOptions, remoteAddress = '127.0.0.1') => api.app.inject({ remoteAddress, ...with_ });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const signIn = (key: string): InjectOptions => ({
    ...{ method: 'POST', url: '/admin/sign-in', headers: form },
    payload: new URLSearchParams({ key }).toString(),
  });

  const guesses: [string, () => InjectOptions, number][] = [
    ['keys', () => wrongKey, 401],
    ['keys at the sign-in', () => signIn(madeUpKey), 401],
    ['links', () => ({ url: '/onboarding/made-up' }), 404],
    ['approvals', () => ({ url: '/approve/made-up' }), 404],
    ['sessions', () => ({ url: '/admin/queues/api/queues', headers: { cookie: 'ow_session=a.1.b' } }), 401],
    ['signatures', () => ({ method: 'POST', url: '/v1/callbacks/made-up', payload: {} }), 401],
  ];
  test.each(guesses)('%s is refused as a guesser after some', async (_, guess, status) => {
    const seen: number[] = [];
    for (let tries = 0; tries < 7; tries += 1) seen.push((await ask(guess())).statusCode);
    expect(seen).toEqual([...Array.from({ length: 5 }, () => status), 429, 429]);
    const refused = await ask(guess());
    expect(refused.json()).toMatchObject({ code: 'too_many_requests', retryable: true });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask(guess(), '10.0.0.9')).statusCode).toBe(status);
  });

  test('takes nothing from whoever shares the address and has a good key, link, session or signature', async () => {
    const id = await api.order('google_ads');
    const order = await api.models.orders.get(id);
    const link = order?.state.stages.find(({ key }) => key === 'intake')?.link ?? '';
    const house = await api.models.apiKeys.issue({ name: 'h', type: 'staff', role: 'order_admin' }, new Date());
    const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    await api.models.vendors.put(vendor(secret));
    for (let tries = 0; tries < 50; tries += 1) await ask(tries % 2 ? wrongKey : { url: '/onboarding/made-up' });
    expect((await ask(wrongKey)).statusCode).toBe(429);

    const good = { authorization: `Bearer ${api.keys.order_admin}` };
    expect((await ask({ url: '/v1/products', headers: good })).statusCode).toBe(200);
    expect((await ask({ url: `/onboarding/${api.token('link', link)}` })).statusCode).toBe(200);
    const entered = await ask(signIn(house.key));
    expect(entered.statusCode).toBe(303);
    const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
    expect((await ask({ url: '/admin/queues/api/queues', headers: { cookie } })).statusCode).toBe(200);
    const body = JSON.stringify({ type: 'answer', data: { dispatch: 'nothing', status: 'accepted' } });
    const headers = {
      'content-type': 'application/json',
      ...signedHeaders([secret], { id: 'm1', at: new Date(), body }),
    };
    const called = await ask({ method: 'POST', url: `/v1/callbacks/quick`, headers, payload: body });
    expect(called.statusCode).toBeLessThan(429);
    expect(called.statusCode).not.toBe(401);
    expect((await ask({ url: '/health/live' })).statusCode).toBe(200);
  });

  test('is nobody who holds a link that was good once, and cannot be answered any more', async () => {
    const id = await api.order('google_ads');
    const link = (await api.models.orders.get(id))?.state.stages.find(({ key }) => key === 'intake')?.link ?? '';
    const url = `/onboarding/${api.token('link', link)}`;
    await api.call('PUT', `/v1/admin/orders/${id}/status`, {
      ...{ body: { status: 'cancelled', reason: 'Asked.' }, headers: { 'if-match': '*' } },
    });
    await api.work();
    for (let tries = 0; tries < 7; tries += 1) {
      const headers = tries % 2 ? { accept: 'text/html' } : {};
      expect((await ask({ url, headers })).statusCode).toBe(404);
    }
    for (let tries = 0; tries < 6; tries += 1) await ask(wrongKey);
    expect((await ask(wrongKey)).statusCode).toBe(429);
    expect((await ask({ url, headers: { accept: 'text/html' } })).body).toContain('<h1>');
    expect((await ask({ url })).statusCode).toBe(404);
  });

  test('with a browser reads why, as a page', async () => {
    const headers = { accept: 'text/html' };
    for (let tries = 0; tries < 5; tries += 1) await ask({ url: '/onboarding/made-up', headers });
    const refused = await ask({ url: '/onboarding/made-up', headers });
    expect([refused.statusCode, refused.headers['content-type']]).toEqual([429, 'text/html; charset=utf-8']);
    expect(refused.body).toContain('Please wait a moment');
    expect(refused.body).not.toContain('too_many_requests');
  });

  test('from one /64 of IPv6 is one, and from another is another', async () => {
    for (let at = 0; at < 5; at += 1) await ask(wrongKey, `2001:db8:1:2::${at}`);
    expect((await ask(wrongKey, '2001:db8:1:2:ffff::9')).statusCode).toBe(429);
    expect((await ask(wrongKey, '2001:db8:1:3::1')).statusCode).toBe(401);
    expect((await ask(wrongKey, '::ffff:127.0.0.1')).statusCode).toBe(401);
  });

  test('from ever new addresses is limited as all of them together, and good keys pass', async () => {
    const statuses = new Map<number, number>();
    for (let at = 0; at < 120; at += 1) {
      const { statusCode } = await ask(wrongKey, `10.1.${at >> 8}.${at & 255}`);
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 401: 100, 429: 20 });
    const headers = { authorization: `Bearer ${api.keys.order_admin}` };
    expect((await ask({ url: '/v1/products', headers })).statusCode).toBe(200);
  });

  test('is known to every process of the API', async () => {
    const other = await anApi({ limits: { requests: 1_000, guesses: 5 }, redis: api.redis });
    for (let tries = 0; tries < 5; tries += 1) await ask(wrongKey);
    expect((await other.app.inject({ remoteAddress: '127.0.0.1', ...wrongKey })).statusCode).toBe(429);
  });

  test('is limited by each process alone while there is no Redis', async () => {
    const alone = await anApi({ limits: { requests: 1_000, guesses: 5 }, redisUrl: 'redis://127.0.0.1:1' });
    const seen: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) seen.push((await alone.app.inject(wrongKey)).statusCode);
    expect(seen).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe('behind a proxy', () => {
  const limits = { requests: 2, guesses: 1_000 };
  const ask = async (api: TestApi, forwarded: string, remoteAddress = '10.0.0.1') =>
    (
      await api.app.inject({
        ...{ url: '/docs/json', remoteAddress },
        headers: { 'x-forwarded-for': forwarded, 'x-forwarded-proto': 'https' },
      })
    ).statusCode;
  const signIn = (api: TestApi) =>
    api.app.inject({
      ...{ method: 'POST', url: '/admin/sign-in', remoteAddress: '10.0.0.1' },
      headers: { 'x-forwarded-proto': 'https', 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ key: api.keys.order_admin }).toString(),
    });

  test.each([
    ['one hop', 1],
    ['its addresses', ['10.0.0.0/8']],
  ])('that is trusted by %s, each client has a share of its own, and the cookie is Secure', async (_, trustProxy) => {
    const api = await anApi({ limits, trustProxy });
    for (const client of ['192.0.2.1', '192.0.2.1', '192.0.2.2']) expect(await ask(api, client)).toBe(200);
    expect(await ask(api, '203.0.113.9, 192.0.2.1')).toBe(429);
    expect(await ask(api, '192.0.2.2')).toBe(200);
    expect((await signIn(api)).headers['set-cookie']).toContain('; Secure');
  });

  test('that nobody said is there, it is told in the log, once', async () => {
    const told: string[] = [];
    const log = { ...createLog('test', 'silent'), warn: (words: unknown) => void told.push(String(words)) } as Log;
    const api = await anApi({ limits, log });
    for (const client of ['192.0.2.1', '192.0.2.2']) await ask(api, client);
    expect(told).toEqual([expect.stringContaining('TRUST_PROXY is not set')]);
    const aware = await anApi({ limits, log, trustProxy: 1 });
    await ask(aware, '192.0.2.1');
    expect(told).toHaveLength(1);
    warnAtStart({ publicUrl: 'https://orders.example.com', trustProxy: [] }, log);
    warnAtStart({ publicUrl: 'https://orders.example.com', trustProxy: ['10.0.0.0/8'] }, log);
    warnAtStart({ publicUrl: 'http://127.0.0.1:4000', trustProxy: [] }, log);
    expect(told).toHaveLength(2);
  });

  test('that is not trusted, what it forwards is believed by nobody', async () => {
    const api = await anApi({ limits });
    expect((await signIn(api)).headers['set-cookie']).toMatch(/SameSite=Strict$/);
    for (const [client, status] of [
      ['192.0.2.1', 200],
      ['192.0.2.2', 200],
      ['192.0.2.3', 429],
    ] as const) {
      expect(await ask(api, client)).toBe(status);
    }
    const other = await anApi({ limits, trustProxy: ['10.0.0.0/8'] });
    for (const status of [200, 200, 429]) expect(await ask(other, '10.0.0.1', '198.51.100.7')).toBe(status);
  });
});

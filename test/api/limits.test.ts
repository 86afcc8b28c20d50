import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
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
    for (const url of ['/onboarding/x', '/v1/products', '/onboarding/y', '/onboarding/z', '/onboarding/u']) {
      statuses.push((await api.call('GET', url, { as: claimed })).statusCode);
    }
    expect(statuses).toEqual([404, 401, 404, 404, 429]);
    expect((await api.call('GET', '/v1/products', { as: 'setup_manager' })).headers['ratelimit']).toMatch(/r=2/);
    expect((await api.call('GET', '/health/live', { as: claimed })).statusCode).toBe(200);
  });
});

describe('a caller who guesses', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await anApi({ limits: { requests: 1_000, guesses: 5 } });
  });

  test.each([
    ['keys', () => api.call('GET', '/v1/products', { as: `ow_${'a'.repeat(12)}_${'b'.repeat(43)}` }), 401],
    [
      'keys at the sign-in',
      () =>
        api.call('POST', '/admin/sign-in', { as: 'nobody', form: { key: `ow_${'a'.repeat(12)}_${'b'.repeat(43)}` } }),
      401,
    ],
    ['links', () => api.call('GET', '/onboarding/made-up', { as: 'nobody' }), 404],
  ])('%s is stopped, whatever comes next, and nobody else is', async (_, guess, status) => {
    const from = (remoteAddress: string) =>
      api.app.inject({
        url: '/v1/products',
        remoteAddress,
        headers: { authorization: `Bearer ${api.keys.order_admin}` },
      });
    const seen: number[] = [];
    for (let tries = 0; tries < 7; tries += 1) seen.push((await guess()).statusCode);
    expect(seen.at(-1)).toBe(429);
    expect(seen.slice(0, 5).every((code) => code === status || code === 429)).toBe(true);
    expect((await from('127.0.0.1')).statusCode).toBe(429);
    expect((await api.call('GET', '/health/live', { as: 'nobody' })).statusCode).toBe(200);
    expect((await from('10.0.0.9')).statusCode).toBe(200);
  });
});

describe('behind a proxy', () => {
  const limits = { requests: 2, guesses: 1_000 };
  const ask = async (api: TestApi, forwarded: string, remoteAddress = '10.0.0.1') =>
    (
      await api.app.inject({
        ...{ url: '/onboarding/made-up', remoteAddress },
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
    for (const client of ['192.0.2.1', '192.0.2.1', '192.0.2.2']) expect(await ask(api, client)).toBe(404);
    expect(await ask(api, '203.0.113.9, 192.0.2.1')).toBe(429);
    expect(await ask(api, '192.0.2.2')).toBe(404);
    expect((await signIn(api)).headers['set-cookie']).toContain('; Secure');
  });

  test('that is not trusted, what it forwards is believed by nobody', async () => {
    const api = await anApi({ limits });
    expect((await signIn(api)).headers['set-cookie']).toMatch(/SameSite=Strict$/);
    for (const [client, status] of [
      ['192.0.2.1', 404],
      ['192.0.2.2', 429],
    ] as const) {
      expect(await ask(api, client)).toBe(status);
    }
    const other = await anApi({ limits, trustProxy: ['10.0.0.0/8'] });
    for (const status of [404, 404, 429]) expect(await ask(other, '10.0.0.1', '198.51.100.7')).toBe(status);
  });
});

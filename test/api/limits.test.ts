import { beforeAll, describe, expect, test } from 'vitest';
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
});

describe('a caller who guesses', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await anApi({ limits: { requests: 1_000, guesses: 5 } });
  });

  test.each([
    ['keys', () => api.call('GET', '/v1/products', { as: `ow_${'a'.repeat(12)}_${'b'.repeat(43)}` }), 401],
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
    expect((await from('10.0.0.9')).statusCode).toBe(200);
  });
});

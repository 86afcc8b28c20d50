import { beforeAll, describe, expect, test } from 'vitest';
import { anApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let order: string;
let house: string;
beforeAll(async () => {
  api = await anApi();
  house = (await api.models.apiKeys.issue({ name: 'house', type: 'staff', role: 'order_admin' }, new Date())).key;
  const answer = await api.call('POST', '/v1/admin/orders', {
    body: {
      account: 'acme',
      product: 'google_ads',
      tier: 'basic',
      title: 'Secret title',
      client: { name: 'Cleo', email: 'cleo@example.com' },
    },
  });
  order = answer.json().order.id;
});

const page = { accept: 'text/html' };

async function signedIn(): Promise<string> {
  const form = { key: house };
  const answer = await api.call('POST', '/admin/sign-in', { as: 'nobody', form });
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/admin/queues']);
  const cookie = String(answer.headers['set-cookie']);
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
  expect(cookie).not.toContain(house.slice('ow_'.length + 12 + '_'.length));
  return cookie.split(';')[0] ?? '';
}

describe('the queue board', () => {
  test('sends a browser without a cookie to the sign-in page, and a program away', async () => {
    const browser = await api.call('GET', '/admin/queues', { as: 'nobody', headers: page });
    expect([browser.statusCode, browser.headers.location]).toEqual([303, '/admin/sign-in']);
    expect((await api.call('GET', '/admin/queues/api/queues', { as: 'nobody' })).statusCode).toBe(401);
    expect((await api.call('GET', '/admin/queues/api/queues', { as: 'setup_manager' })).statusCode).toBe(403);
    expect((await api.call('GET', '/admin/queues/api/queues')).statusCode).toBe(403);
  });

  test('opens with the cookie, shows jobs by their ids alone, and links to the work item', async () => {
    const cookie = await signedIn();
    expect((await api.call('GET', '/admin/queues', { as: 'nobody', headers: { ...page, cookie } })).statusCode).toBe(
      200,
    );
    const shown = await api.call('GET', '/admin/queues/api/queues?activeQueue=setup&status=waiting', {
      as: 'nobody',
      headers: { cookie },
    });
    const queue = shown.json().queues.find(({ name }: { name: string }) => name === 'setup');
    expect(queue).toMatchObject({ readOnlyMode: true, allowRetries: false });
    expect(queue.jobs).toHaveLength(1);
    expect(queue.jobs[0].data).toEqual({ work: expect.any(String) });
    expect(shown.body).not.toContain('Secret title');
    await api.work();
    const item = await api.call('GET', queue.jobs[0].externalUrl.href, { as: 'nobody', headers: { ...page, cookie } });
    const [, href = ''] = /<a href="(\/admin\/orders\/[^"]+)">Secret title<\/a>/.exec(item.body) ?? [];
    expect(href).toBe(`/admin/orders/${order}`);
    const about = await api.call('GET', href, { as: 'nobody', headers: { ...page, cookie } });
    expect([about.statusCode, about.body.includes('Secret title')]).toEqual([200, true]);
    expect(about.body).toContain('/admin/jobs/');
    const stranger = await api.call('GET', href, { as: 'nobody', headers: page });
    expect([stranger.statusCode, stranger.headers.location]).toEqual([303, '/admin/sign-in']);
  });

  test('changes nothing, whoever asks', async () => {
    const answer = await api.call('PUT', '/admin/queues/api/queues/setup/pause', { as: house, body: {} });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  });

  test('knows no forged or foreign cookie', async () => {
    const cookie = await signedIn();
    const forged = `ow_session=${'a'.repeat(43)}`;
    for (const wrong of [forged, `${cookie}x`, 'ow_session=a.1.b']) {
      expect(
        (await api.call('GET', '/admin/queues/api/queues', { as: 'nobody', headers: { cookie: wrong } })).statusCode,
      ).toBe(401);
    }
    expect((await api.call('GET', '/v1/admin/orders', { as: 'nobody', headers: { cookie } })).statusCode).toBe(401);
  });

  test('loads nothing from another host, and no cache keeps it', async () => {
    const cookie = await signedIn();
    const answer = await api.call('GET', '/admin/queues', { as: 'nobody', headers: { ...page, cookie } });
    expect(answer.body).toContain('<script defer src="static/');
    expect(answer.body.match(/(?:src|href)="(?:https?:)?\/\/[^"]*/g)).toBeNull();
    expect(answer.headers['content-security-policy']).not.toContain('https:');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect((await api.call('GET', '/v1/products')).headers['cache-control']).toBe('no-store');
  });
});

describe('the sign-in form', () => {
  const signIn = (headers: Record<string, string>) =>
    api.call('POST', '/admin/sign-in', { as: 'nobody', form: { key: house }, headers });

  test.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, 303],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost' }, 303],
  ])('sent with %j is answered with %i', async (headers, status) => {
    const answer = await signIn({ host: 'localhost', ...headers } as Record<string, string>);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['set-cookie'] === undefined).toBe(status === 403);
  });

  test('gives a Secure cookie where the public address is https, whatever the last step was', async () => {
    const secure = await anApi({ publicUrl: 'https://orders.example.com' });
    const { key } = await secure.models.apiKeys.issue({ name: 'h', type: 'staff', role: 'order_admin' }, new Date());
    const headers = { origin: 'https://orders.example.com' };
    const answer = await secure.call('POST', '/admin/sign-in', { as: 'nobody', form: { key }, headers });
    expect(answer.headers['set-cookie']).toMatch(/; Secure$/);
    const plain = await anApi({ publicUrl: 'http://127.0.0.1:4000', trustProxy: 1 });
    const issued = await plain.models.apiKeys.issue({ name: 'h', type: 'staff', role: 'order_admin' }, new Date());
    const proto = { 'x-forwarded-proto': 'https' };
    const other = await plain.call('POST', '/admin/sign-in', { as: 'nobody', form: issued, headers: proto });
    expect(other.statusCode).toBe(400);
    const again = await plain.call('POST', '/admin/sign-in', {
      as: 'nobody',
      form: { key: issued.key },
      headers: proto,
    });
    expect(again.headers['set-cookie']).not.toContain('Secure');
  });

  test('has a way out that only a POST takes', async () => {
    const cookie = await signedIn();
    const asked = await api.call('GET', '/admin/sign-out', { as: 'nobody', headers: { ...page, cookie } });
    expect([asked.statusCode, asked.headers['set-cookie']]).toEqual([200, undefined]);
    const ended = await api.call('POST', '/admin/sign-out', { as: 'nobody', form: {}, headers: { cookie } });
    expect([ended.statusCode, ended.headers.location]).toEqual([303, '/admin/sign-in']);
    expect(ended.headers['set-cookie']).toMatch(/^ow_session=; Path=\/admin; Max-Age=0;/);
    const foreign = await api.call('POST', '/admin/sign-out', {
      ...{ as: 'nobody', form: {}, headers: { 'sec-fetch-site': 'cross-site' } },
    });
    expect(foreign.statusCode).toBe(403);
  });

  const statusWith = async (cookie: string) =>
    (await api.call('GET', '/admin/queues/api/queues', { as: 'nobody', headers: { cookie } })).statusCode;

  test('ends the session on the server: a copy of its cookie opens nothing, another session goes on', async () => {
    const [cookie, other] = [await signedIn(), await signedIn()];
    expect([await statusWith(cookie), await statusWith(other)]).toEqual([200, 200]);
    await api.call('POST', '/admin/sign-out', { as: 'nobody', form: {}, headers: { cookie } });
    expect([await statusWith(cookie), await statusWith(other)]).toEqual([401, 200]);
  });

  test('ends no session for another site, and all of them with their key', async () => {
    const cookie = await signedIn();
    const headers = { cookie, 'sec-fetch-site': 'cross-site' };
    await api.call('POST', '/admin/sign-out', { as: 'nobody', form: {}, headers });
    expect(await statusWith(cookie)).toBe(200);
    await api.models.apiKeys.revoke(house.slice('ow_'.length, 'ow_'.length + 12), new Date());
    expect(await statusWith(cookie)).toBe(401);
  });

  test('gives sessions that end after eight hours, and keeps of their tokens only the hash', async () => {
    const { key } = await api.models.apiKeys.issue({ name: 'h', type: 'staff', role: 'order_admin' }, new Date());
    const answer = await api.call('POST', '/admin/sign-in', { as: 'nobody', form: { key } });
    const token = /ow_session=([\w-]+)/.exec(String(answer.headers['set-cookie']))?.[1] ?? '';
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);
    expect(await api.models.sessions.keyOf(token, inHours(7.9))).toBe(key.slice('ow_'.length, 'ow_'.length + 12));
    expect(await api.models.sessions.keyOf(token, inHours(8.1))).toBeUndefined();
    expect(JSON.stringify(await api.models.sessions.model.find().lean())).not.toContain(token);
  });
});

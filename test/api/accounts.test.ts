/** Accounts over HTTP: what is shown, what can be asked, and what is refused with which field. */
import { beforeAll, describe, expect, test } from 'vitest';
import { anApi, type TestApi } from '../support/api.ts';
import { everything } from '../support/state-of-everything.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
});

const grants = '/v1/admin/accounts/acme/grants';
const evidence = 'Seen in the manager account.';
const put = (grant: string, body: object, headers = {}) => api.call('PUT', `${grants}/${grant}`, { body, headers });
const shown = async () => (await api.call('GET', '/v1/admin/accounts/acme')).json();
const grantShown = async (name: string) =>
  (await api.call('GET', grants)).json().data.find(({ grant }: { grant: string }) => grant === name);

describe('an account', () => {
  test('is shown with its profile, its subscription and its version', async () => {
    const answer = await api.call('GET', '/v1/admin/accounts/bolt');
    expect(answer.headers['etag']).toBe('"1"');
    expect(answer.json()).toMatchObject({
      ...{ id: 'bolt', agency: 'north', timeZone: 'America/New_York', subscription: 'active' },
      ...{ facts: [], grants: [], version: 1, links: { self: '/v1/admin/accounts/bolt' } },
    });
  });

  test('of another agency, or beyond the accounts of a key, is not there', async () => {
    for (const [id, as] of [
      ['cove', 'order_admin'],
      ['bolt', 'account_manager'],
      ['nobody', 'order_admin'],
    ] as const) {
      const answer = await api.call('GET', `/v1/admin/accounts/${id}`, { as });
      expect([answer.statusCode, answer.json().code], id).toEqual([404, 'account_not_found']);
      const asked = await api.call('GET', `/v1/admin/accounts/${id}/grants`, { as });
      expect(asked.statusCode).toBe(404);
    }
  });
});

describe('a grant', () => {
  test('is asked for, attested and revoked, each by a command with a job', async () => {
    const asked = await api.call('POST', grants, { body: { grant: 'meta' } });
    expect(asked.statusCode).toBe(202);
    expect(asked.json()).toMatchObject({ job: { kind: 'request-grant', account: 'acme' }, account: { id: 'acme' } });
    await api.work();
    expect(await grantShown('meta')).toMatchObject({ status: 'requested', title: 'the Meta business' });
    expect((await put('meta', { action: 'attest', evidence, expires_at: '2999-01-01T00:00:00Z' })).statusCode).toBe(
      202,
    );
    await api.work();
    expect(await grantShown('meta')).toMatchObject({
      ...{ status: 'active', expiresAt: '2999-01-01T00:00:00.000Z', attestation: { evidence } },
      nextLookAt: '2998-12-25T00:00:00.000Z',
    });
    expect((await put('meta', { action: 'revoke', reason: 'The client left.' })).statusCode).toBe(202);
    await api.work();
    expect(await grantShown('meta')).toMatchObject({ status: 'revoked', note: 'The client left.' });
    expect((await shown()).facts).toContainEqual(expect.objectContaining({ fact: 'grant.meta', holds: false, seq: 2 }));
  });

  test('is commanded once for a key, and the key belongs to its body', async () => {
    const headers = { 'idempotency-key': 'attest-cms-1' };
    const first = await put('cms', { action: 'attest', evidence }, headers);
    await api.work();
    const again = await put('cms', { action: 'attest', evidence }, headers);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.json().job.id).toBe(first.json().job.id);
    const other = await put('cms', { action: 'attest', evidence: 'Seen elsewhere.' }, headers);
    expect([other.statusCode, other.json().code]).toEqual([422, 'key_reused']);
    expect((await shown()).facts.filter(({ fact }: { fact: string }) => fact === 'grant.cms')).toHaveLength(1);
  });

  test('is not changed on a version that somebody has not seen', async () => {
    const { version } = await shown();
    const stale = await put('tiktok', { action: 'attest', evidence }, { 'if-match': `"${version - 1}"` });
    expect([stale.statusCode, stale.json().code]).toEqual([412, 'version_changed']);
    const fresh = await put('tiktok', { action: 'attest', evidence }, { 'if-match': `"${version}"` });
    expect(fresh.statusCode).toBe(202);
    await api.work();
  });

  const bad: [string, string, object, number, string, string | undefined][] = [
    ['an unknown name', 'facebook', { action: 'attest', evidence }, 400, 'invalid_request', '/path/grant'],
    ['an unknown action', 'gbp', { action: 'steal' }, 400, 'invalid_request', '/action'],
    ['too little evidence', 'gbp', { action: 'attest', evidence: 'yes' }, 400, 'invalid_request', '/evidence'],
    [
      'an end in the past',
      'gbp',
      { action: 'attest', evidence, expires_at: '2020-01-01T00:00:00Z' },
      400,
      'invalid_request',
      '/expires_at',
    ],
    ['a revocation without a reason', 'gbp', { action: 'revoke' }, 400, 'invalid_request', '/reason'],
    [
      'a revocation of what was never asked for',
      'gbp',
      { action: 'revoke', reason: 'Gone.' },
      409,
      'grant_not_requested',
      undefined,
    ],
    ['a look at what was never asked for', 'gbp', { action: 'probe' }, 409, 'grant_not_requested', undefined],
    [
      'an endpoint with a password',
      'gbp',
      { action: 'request', probe: { type: 'http', url: 'https://a:b@c.example' } },
      400,
      'invalid_request',
      '/probe/url',
    ],
    ['an unknown field', 'gbp', { action: 'probe', force: true }, 400, 'invalid_request', '/force'],
  ];

  test.each(bad)(
    'with %s is refused at its field, and nothing has changed',
    async (_what, grant, body, status, code, at) => {
      const before = await everything(api.models, api.redis);
      const answer = await put(grant, body);
      expect([answer.statusCode, answer.json().code], answer.body).toEqual([status, code]);
      if (at) expect(answer.json().errors[0].pointer).toBe(at);
      expect(await everything(api.models, api.redis)).toEqual(before);
    },
  );
});

describe('a subscription', () => {
  const set = (body: object, as = 'order_admin') =>
    api.call('PUT', '/v1/admin/accounts/acme/subscription', { as, body });

  test('that is past due stops the orders of the account; paid, they go on', async () => {
    const order = await api.order('google_ads');
    expect((await set({ status: 'past_due', reason: 'The card was declined.' })).statusCode).toBe(202);
    await api.work();
    const progress = await api.call('GET', `/v1/admin/orders/${order}/setup-progress`);
    expect(progress.json()).toMatchObject({ status: 'paused', why: { blocker: 'The subscription is not active.' } });
    const resume = { body: { status: 'active' }, headers: { 'if-match': '*' } };
    const resumed = await api.call('PUT', `/v1/admin/orders/${order}/status`, resume);
    expect(resumed.json().code).toBe('subscription_inactive');
    expect((await set({ status: 'active' })).statusCode).toBe(202);
    await api.work();
    expect((await api.call('GET', `/v1/admin/orders/${order}`)).json().status).toBe('onboarding');
  });

  test('is stopped with a reason, and by an Order Admin alone', async () => {
    const unsaid = await set({ status: 'cancelled' });
    expect([unsaid.statusCode, unsaid.json().code]).toEqual([422, 'reason_required']);
    expect((await set({ status: 'cancelled', reason: 'Over.' }, 'setup_manager')).statusCode).toBe(403);
  });
});

test('the progress of an order that lost an access tells what the account knows of it', async () => {
  const order = await api.order('google_ads');
  await put('google_ads', { action: 'attest', evidence });
  await api.work();
  await api.walk(order, 'tracking_installed');
  await put('google_ads', { action: 'revoke', reason: 'The link was cut.' });
  await api.work();
  const { why } = (await api.call('GET', `/v1/admin/orders/${order}/setup-progress`)).json();
  expect(why).toMatchObject({ stage: 'tracking_installed', unblock: 'The client grants access to Google Ads again.' });
  expect(why.blocker).toMatch(/^Access to Google Ads was lost\. Access to Google Ads is revoked since \d{4}-/);
});

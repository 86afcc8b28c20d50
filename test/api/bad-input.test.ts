import { beforeAll, describe, expect, test } from 'vitest';
import { anApi, client, type TestApi } from '../support/api.ts';
import { everything } from '../support/state-of-everything.ts';

let api: TestApi;
let google: string;
let paused: string;
beforeAll(async () => {
  api = await anApi();
  google = await api.order('google_ads');
  await api.walk(google, 'campaign_plan');
  paused = await api.order('listings');
});

const ordered = { account: 'acme', product: 'listings', tier: 'basic', title: 'Listings', client };
const poisoned = '{"account":"acme","__proto__":{"admin":true}}';

interface Bad {
  method?: 'POST' | 'PUT' | 'GET';
  url?: string;
  body?: unknown;
  headers?: Record<string, string>;
  as?: string;
  status: number;
  code: string;
  pointer?: string;
  rule?: string;
}

const create = { method: 'POST', url: '/v1/admin/orders' } as const;
const stage = { method: 'PUT', url: '/v1/admin/orders/:google/stage' } as const;
const malformed = { status: 400, code: 'invalid_request' };

const cases: [string, Bad][] = [
  [
    'an unknown field',
    { ...create, body: { ...ordered, colour: 'red' }, ...malformed, pointer: '/colour', rule: 'unknown_field' },
  ],
  [
    'an operator',
    {
      ...create,
      body: { ...ordered, $set: { status: 'live' } },
      ...malformed,
      pointer: '/$set',
      rule: 'unknown_field',
    },
  ],
  [
    'a version',
    { ...create, body: { ...ordered, version: 7 }, ...malformed, pointer: '/version', rule: 'unknown_field' },
  ],
  [
    'an operator for a value',
    { ...create, body: { ...ordered, account: { $gt: '' } }, ...malformed, pointer: '/account' },
  ],
  [
    'a prototype',
    {
      ...create,
      body: poisoned,
      headers: { 'content-type': 'application/json' },
      ...malformed,
      pointer: '/__proto__',
      rule: 'unknown_field',
    },
  ],
  [
    'a constructor',
    {
      ...create,
      body: '{"constructor":{"prototype":{"a":1}}}',
      headers: { 'content-type': 'application/json' },
      ...malformed,
    },
  ],
  [
    'half a body',
    { ...create, body: '{"account":', headers: { 'content-type': 'application/json' }, ...malformed, rule: 'not_json' },
  ],
  ['no body', { ...create, ...malformed }],
  ['a body that is a list', { ...create, body: [ordered], ...malformed }],
  [
    'a body of another type',
    {
      ...create,
      body: '<order/>',
      headers: { 'content-type': 'text/xml' },
      status: 415,
      code: 'unsupported_media_type',
    },
  ],
  [
    'a body sent as a form',
    {
      ...create,
      body: 'account=acme',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      status: 415,
      code: 'unsupported_media_type',
    },
  ],
  [
    'a body that is too large',
    { ...create, body: { ...ordered, title: 'x'.repeat(300_000) }, status: 413, code: 'payload_too_large' },
  ],
  [
    'a missing field',
    { ...create, body: { ...ordered, title: undefined }, ...malformed, pointer: '/title', rule: 'required' },
  ],
  [
    'a bad mail address',
    {
      ...create,
      body: { ...ordered, client: { name: 'C', email: 'a@b.c, d@e.f' } },
      ...malformed,
      pointer: '/client/email',
    },
  ],
  [
    'an unknown product',
    { ...create, body: { ...ordered, product: 'fax' }, status: 422, code: 'unknown_product', pointer: '/product' },
  ],
  [
    'an unknown tier',
    { ...create, body: { ...ordered, tier: 'gold' }, status: 422, code: 'unknown_tier', pointer: '/tier' },
  ],
  [
    'an unknown option',
    { ...create, body: { ...ordered, options: { $where: '1' } }, ...malformed, pointer: '/options/$where' },
  ],
  [
    'an unknown account',
    { ...create, body: { ...ordered, account: 'nobody' }, status: 404, code: 'account_not_found', pointer: '/account' },
  ],
  [
    'a short Idempotency-Key',
    {
      ...create,
      body: ordered,
      headers: { 'idempotency-key': 'x' },
      ...malformed,
      pointer: '/headers/idempotency-key',
    },
  ],
  [
    'an unknown stage',
    { ...stage, body: { action: 'begin', stage: 'nowhere' }, status: 422, code: 'unknown_stage', pointer: '/stage' },
  ],
  ['an unknown action', { ...stage, body: { action: 'finish', stage: 'build' }, ...malformed, pointer: '/action' }],
  ['a stage out of turn', { ...stage, body: { action: 'begin', stage: 'qa' }, status: 409, code: 'stage_not_ready' }],
  [
    'a stage by the wrong gate',
    { ...stage, body: { action: 'complete', stage: 'intake', data: {} }, status: 409, code: 'wrong_gate' },
  ],
  [
    'data that do not pass',
    {
      ...stage,
      body: { action: 'complete', stage: 'campaign_plan', data: { campaigns: [] } },
      status: 422,
      code: 'exit_data_invalid',
      pointer: '/data/campaigns',
    },
  ],
  [
    'a skip without a reason',
    { ...stage, body: { action: 'skip', stage: 'campaign_plan' }, ...malformed, pointer: '/reason', rule: 'required' },
  ],
  [
    'a skip of a guarded stage',
    {
      ...stage,
      body: { action: 'skip', stage: 'client_approval', reason: 'in a hurry' },
      status: 409,
      code: 'not_skippable',
    },
  ],
  [
    'an unknown order',
    {
      method: 'PUT',
      url: '/v1/admin/orders/ord_nothing/stage',
      body: { action: 'begin', stage: 'build' },
      status: 404,
      code: 'order_not_found',
    },
  ],
  ['an id that is none', { method: 'GET', url: '/v1/admin/orders/%24where', ...malformed, pointer: '/path/id' }],
  [
    'an unknown parameter',
    {
      method: 'GET',
      url: '/v1/admin/orders?colour=red',
      ...malformed,
      pointer: '/query/colour',
      rule: 'unknown_field',
    },
  ],
  [
    'a limit beyond the limit',
    { method: 'GET', url: '/v1/admin/orders?limit=1000', ...malformed, pointer: '/query/limit' },
  ],
  ...(['start_date', 'end_date'] as const).map((field): [string, Bad] => [
    `a first day after the last, at ${field}`,
    {
      method: 'GET',
      url: '/v1/admin/orders?start_date=2026-04-02&end_date=2026-04-01',
      ...malformed,
      pointer: `/query/${field}`,
    },
  ]),
  ['an unknown address', { method: 'GET', url: '/v1/admin/invoices', status: 404, code: 'not_found' }],
  [
    'a method that is not offered',
    { ...create, url: '/v1/admin/orders/ord_x/stage', status: 405, code: 'method_not_allowed' },
  ],
  ['no key', { ...create, body: ordered, as: 'nobody', status: 401, code: 'unauthenticated' }],
  [
    'a made-up key',
    { ...create, body: ordered, as: `ow_${'a'.repeat(12)}_${'b'.repeat(43)}`, status: 401, code: 'unauthenticated' },
  ],
  ['a role without the right', { ...create, body: ordered, as: 'fulfillment', status: 403, code: 'forbidden' }],
];

describe('a request is refused, naming field and rule, and leaves database and queue as they were:', () => {
  test.each(cases)('%s', async (_, { method = 'POST', url = '', body, headers = {}, as = 'order_admin', ...says }) => {
    const before = await everything(api.models, api.redis);
    const address = url.replace(':google', google);
    const answer = await api.call(method, address, { as, body, headers: { 'if-match': '*', ...headers } });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    const problem = answer.json();
    expect({ status: answer.statusCode, code: problem.code }).toEqual({ status: says.status, code: says.code });
    expect(problem).toMatchObject({ title: expect.any(String), detail: expect.any(String), status: says.status });
    expect(problem.instance).toBe(`urn:request:${problem.requestId}`);
    if (says.pointer) expect(problem.errors.map(({ pointer }: { pointer: string }) => pointer)).toContain(says.pointer);
    if (says.rule) expect(problem.errors.map(({ rule }: { rule: string }) => rule)).toContain(says.rule);
    expect(await everything(api.models, api.redis)).toEqual(before);
  });
});

describe('a key', () => {
  test('that has expired or was revoked is not known any more', async () => {
    const now = new Date();
    const given = { name: 'k', type: 'staff', role: 'order_admin', agency: 'north' } as const;
    const expired = await api.models.apiKeys.issue({ ...given, expiresAt: now }, now);
    const revoked = await api.models.apiKeys.issue(given, now);
    expect((await api.call('GET', '/v1/admin/orders', { as: revoked.key })).statusCode).toBe(200);
    await api.models.apiKeys.revoke(revoked.id, now);
    for (const { key } of [expired, revoked]) {
      expect((await api.call('GET', '/v1/admin/orders', { as: key })).json().code).toBe('unauthenticated');
    }
  });

  test('rests in the database as a hash', async () => {
    const stored = JSON.stringify(await api.models.apiKeys.model.find().lean());
    const secret = api.keys.order_admin.slice('ow_'.length + 12 + '_'.length);
    expect(secret).toHaveLength(43);
    expect(stored).not.toContain(secret);
  });

  test('with accounts sees nothing of others', async () => {
    const other = await api.order('listings', { account: 'bolt' });
    const answer = await api.call('GET', `/v1/admin/orders/${other}`, { as: 'account_manager' });
    expect(answer.json().code).toBe('order_not_found');
    const mine = await api.call('GET', `/v1/admin/orders/${paused}`, { as: 'account_manager' });
    expect(mine.statusCode).toBe(200);
  });
});

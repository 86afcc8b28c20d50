import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { anApi, client, type TestApi } from '../support/api.ts';

let api: TestApi;
let house: string;
beforeAll(async () => {
  api = await anApi();
  house = (await api.models.apiKeys.issue({ name: 'house', type: 'staff', role: 'order_admin' }, new Date())).key;
  await api.app.listen({ host: '127.0.0.1', port: 0 });
});

/** Sent as it is: every client for HTTP would put the address right first. */
async function statusOf(head: string): Promise<number> {
  const { port } = api.app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`${head}\r\nconnection: close\r\n\r\n`);
  const said = await text(socket);
  return Number(said.slice('HTTP/1.1 '.length).slice(0, 3));
}

const json = { 'content-type': 'application/json' };
const order = { account: 'acme', product: 'listings', tier: 'basic', title: 'T', client };
const withTitle = (title: string) => JSON.stringify({ ...order, title: '#' }).replace('"#"', title);
const nested = (levels: number, open = '[', close = ']') => `${open.repeat(levels)}1${close.repeat(levels)}`;

describe('what a request carries is refused with the pointer and the rule', () => {
  const bodies: [string, string, string, string][] = [
    ['a lone surrogate in a text', withTitle('"a\\ud800b"'), '/title', 'not_unicode'],
    ['the other half, at the end', withTitle('"a\\udc00"'), '/title', 'not_unicode'],
    ['NUL in a text', withTitle('"a\\u0000b"'), '/title', 'nul_character'],
    ['NUL in a name', withTitle('"a","options":{"a\\u0000":1}'), '/options/a\ufffd', 'nul_character'],
    ['a lone surrogate in a name', withTitle('"a","options":{"\\ud800":1}'), '/options/\ufffd', 'not_unicode'],
    ['a number beyond all numbers', withTitle('"a","options":{"n":1e999}'), '/options/n', 'not_finite'],
    ['the same below zero', withTitle('"a","options":{"n":[0,-1e999]}'), '/options/n/1', 'not_finite'],
    ['20,000 lists in each other', withTitle(nested(20_000)), '/title', 'too_deep'],
    ['objects in each other', withTitle(nested(100, '{"a":', '}')), '/title', 'too_deep'],
    ['a prototype', withTitle('"a","options":{"x":{"__proto__":1}}'), '/options/x/__proto__', 'unknown_field'],
    ['100,000 values', withTitle(JSON.stringify(Array.from({ length: 100_000 }, () => 1))), '/title', 'too_many'],
  ];
  test.each(bodies)('%s', async (_, body, pointer, rule) => {
    const answer = await api.call('POST', '/v1/admin/orders', { body, headers: json });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
    expect(answer.json().errors).toHaveLength(1);
    expect(answer.json().errors[0]).toMatchObject({ rule });
    expect(answer.json().errors[0].pointer.startsWith(pointer)).toBe(true);
    expect(answer.json().retryable).toBe(false);
  });

  test.each([
    ['/v1/admin/orders?q=%00', '/query/q', 'nul_character'],
    ['/v1/admin/orders?%00=1', '/query/\ufffd', 'nul_character'],
    ['/v1/admin/orders/a%00b', '/path/id', 'nul_character'],
    [`/v1/bulk-operations?action=${encodeURIComponent('{"a":1e999}')}`, '/query/action/a', 'not_finite'],
    [`/v1/bulk-operations?action=${encodeURIComponent('{"a":"\\ud800"}')}`, '/query/action/a', 'not_unicode'],
    [`/v1/bulk-operations?action=${encodeURIComponent(nested(1_500))}`, '/query/action/0', 'too_deep'],
  ])('in the address %#', async (url, pointer, rule) => {
    const isCsv = url.includes('bulk');
    const asked = { body: 'order\nord_x', headers: { 'content-type': 'text/csv' } };
    const answer = await api.call(isCsv ? 'POST' : 'GET', url, isCsv ? asked : {});
    expect([answer.statusCode, answer.json().errors?.[0]?.rule]).toEqual([400, rule]);
    expect(answer.json().errors[0].pointer.startsWith(pointer)).toBe(true);
  });

  test.each([
    '/docs/static/..',
    '/docs/static/../..',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/docs/static/%00',
    '/docs/static/%c0%ae',
    '/docs/%',
    '/v1/admin/orders/%ff',
    `/v1/admin/orders/${'x'.repeat(4_000)}`,
    '/admin/queues/api/queues?page=%00',
    '/admin/queues/static/..',
    '/admin/queues/api/queues/%00/x/y',
    '//',
    '/%2f..',
  ])('%s is no fault of ours', async (url) => {
    const status = await statusOf(`GET ${url} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${house}`);
    expect(status).toBeGreaterThanOrEqual(300);
    expect(status).toBeLessThan(500);
  });

  test('what is no HTTP is answered with a problem, and closed', async () => {
    expect(await statusOf('GET /health/live HTTP/9.9\r\nhost: x')).toBe(400);
    expect(await statusOf('\0\0\0')).toBe(400);
    expect(await statusOf(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(40_000)}`)).toBe(431);
  });

  test('in a form, as the page that it was sent from', async () => {
    const answer = await api.call('POST', '/admin/sign-in', { as: 'nobody', form: { key: 'a\0b' } });
    expect(answer.statusCode).toBe(400);
  });
});

describe('an answer is bounded', () => {
  test('of many faults, the first 20 are told and all are counted', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`x${at}`, 1]));
    const answer = await api.call('PUT', '/v1/admin/orders/ord_x/stage', {
      body: { action: 'complete', stage: 'x', ...unknown },
      headers: { 'if-match': '*' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ errorCount: 5_000 });
    expect(answer.json().errors).toHaveLength(20);
    expect(answer.body.length).toBeLessThan(16_000);
  });

  test('a name that is long is cut in the pointer', async () => {
    const answer = await api.call('POST', '/v1/admin/orders', { body: { ...order, ['x'.repeat(100_000)]: 1 } });
    expect(answer.statusCode).toBe(400);
    expect(answer.body.length).toBeLessThan(16_000);
  });
});

test('a body has as few bytes as its route needs', () => {
  const limits = api.app.knownRoutes
    .filter(({ method, url }) => /POST|PUT|PATCH|DELETE/.test(method) && !url.startsWith('/admin/queues'))
    .map(({ method, url, bodyLimit }) => [bodyLimit / 1_024, `${method} ${url}`] as const)
    .filter(([kilobytes]) => kilobytes !== 32)
    .map(([kilobytes, route]) => `${route}: ${kilobytes} KiB`);
  expect(limits.sort()).toEqual([
    'POST /admin/sign-in: 4 KiB',
    'POST /admin/sign-out: 4 KiB',
    'POST /onboarding/:token: 1024 KiB',
    'POST /v1/admin/orders: 256 KiB',
    'POST /v1/bulk-operations: 4096 KiB',
    'POST /v1/callbacks/:vendor: 64 KiB',
    'POST /v1/jobs: 256 KiB',
    'POST /v1/mail-events/:agency: 256 KiB',
    'PUT /v1/admin/orders/:id/onboarding: 256 KiB',
    'PUT /v1/admin/orders/:id/stage: 256 KiB',
  ]);
});

test('whatever JSON is sent to whatever route, nothing is our fault', async () => {
  const routes = api.app.knownRoutes.filter(({ method, url }) => /POST|PUT/.test(method) && url.startsWith('/v1/'));
  const words = fc.string({ unit: 'binary', maxLength: 20 });
  const odd = fc.constantFrom('a\ud800', '\0', '1e999', '__proto__', 'constructor', '$where', '', '2026-02-31T10:00Z');
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      ...[words, odd, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)],
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(odd, words), tie('any'), { maxKeys: 4 }),
    ),
  })).any;
  const body = fc.record(
    {
      ...{ account: fc.constant('acme'), product: fc.constant('listings'), title: fc.oneof(words, odd), reason: odd },
      ...{ action: fc.constantFrom('begin', 'complete'), stage: fc.constant('intake'), data: value, client: value },
      ...{ command: value, filter: value, ids: value },
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...routes), fc.oneof(body, value), async ({ method, url }, sent) => {
      const address = url.replace(/:\w+/g, 'x');
      const payload = JSON.stringify(sent)?.replaceAll('"1e999"', '1e999') ?? 'null';
      const headers = { ...json, 'if-match': '*' };
      const answer = await api.call(method as 'POST', address, { body: payload, headers });
      return answer.statusCode < 500;
    }),
    { numRuns: 300 },
  );
});

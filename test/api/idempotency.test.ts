/** The Idempotency-Key on every route that takes one: repeated, it is answered as at first; it means one request only. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import { deliveryUnknown } from '../../workflows/rules/doubt.ts';
import { anApi, client, type TestApi } from '../support/api.ts';
import { aBulk } from '../support/bulk.ts';
import { root } from '../support/sources.ts';

let api: TestApi;
let bulk: ReturnType<typeof aBulk>;

beforeAll(async () => {
  api = await anApi();
  bulk = aBulk(api);
  await api.models.staff.put({ _id: 'ann', name: 'Ann Baker', email: 'ann@example.com' });
});

interface Prepared {
  url: string;
  body?: object;
}

const order = async (product = 'seo') => `/v1/admin/orders/${await api.order(product)}`;
const grants = '/v1/admin/accounts/acme/grants';
const priority = { type: 'set-priority', priority: 'high' };

async function cancelled(): Promise<string> {
  const url = await order();
  const body = { status: 'cancelled', reason: 'asked' };
  await api.call('PUT', `${url}/status`, { body, headers: { 'if-match': '*' } });
  await api.work();
  return url;
}

async function anAlert(kind: string): Promise<string> {
  const id = await api.order('seo');
  const about = { kind, severity: 'warning', what: 'Something', cure: 'Do', notification: 'mail-1' };
  const set = {
    ...about,
    agency: 'north',
    account: 'acme',
    order: id,
    state: 'open',
    count: 1,
    since: new Date(),
    seq: 1,
  };
  const actor = { type: 'system' as const, id: 'test' };
  const entry = { at: new Date(), work: newId(), actor, cause: 'worker' as const, action: 'keep-alert', events: [] };
  const change = { entry: { ...entry, outcome: 'done' as const }, effects: [], set, dueAt: new Date() };
  return `/v1/admin/alerts/${(await api.models.alerts.create(`${id}.${kind}`, change))._id}`;
}

/** An operation in the state that the verb is for. */
async function operation(verb: string): Promise<Prepared> {
  const { id, plan } = await bulk.plan({ action: priority, ids: [await api.order('seo')] });
  const url = `/v1/bulk-operations/${id}/${verb}`;
  if (verb === 'start') return { url, body: { hash: plan?.hash } };
  if (verb === 'cancel') return { url };
  await bulk.turn(id, 'start', { hash: plan?.hash });
  if (verb === 'resume') await bulk.turn(id, 'pause');
  if (verb === 'undo') await bulk.settle();
  return verb === 'undo' ? { url, body: { reason: 'A mistake.' } } : { url };
}

/** A request of each route that is accepted; run again, it is about something else. */
const requests: Record<string, () => Promise<Prepared>> = {
  'post /v1/admin/orders': async () => ({
    url: '/v1/admin/orders',
    body: { account: 'acme', product: 'listings', tier: 'basic', title: newId(), client },
  }),
  'put /v1/admin/orders/{id}': async () => ({ url: await order(), body: { title: 'Another' } }),
  'delete /v1/admin/orders/{id}': async () => ({ url: `${await order()}?reason=asked` }),
  'put /v1/admin/orders/{id}/status': async () => ({
    url: `${await order()}/status`,
    body: { status: 'paused', reason: 'asked' },
  }),
  'post /v1/admin/orders/{id}/undo': async () => ({ url: `${await cancelled()}/undo`, body: { reason: 'A mistake.' } }),
  'put /v1/admin/orders/{id}/labels': async () => ({ url: `${await order()}/labels`, body: { command: priority } }),
  'put /v1/admin/orders/{id}/stage': async () => ({
    url: `${await order()}/stage`,
    body: { action: 'override', override: 'complete', stage: 'intake', reason: 'asked' },
  }),
  'put /v1/admin/orders/{id}/assignment': async () => ({
    url: `${await order()}/assignment`,
    body: { manager: 'ann' },
  }),
  'put /v1/admin/alerts/{id}': async () => ({ url: await anAlert('sla'), body: { state: 'acknowledged' } }),
  'put /v1/admin/alerts/{id}/delivery': async () => ({
    url: `${await anAlert(deliveryUnknown)}/delivery`,
    body: { outcome: 'arrived', reason: 'They say so.' },
  }),
  'post /v1/admin/orders/{id}/onboarding-link': async () => ({
    url: `${await order()}/onboarding-link`,
    body: { stage: 'intake' },
  }),
  'post /v1/admin/accounts/{id}/grants': async () => ({ url: grants, body: { grant: 'dns' } }),
  'put /v1/admin/accounts/{id}/grants/{grant}': async () => ({
    url: `${grants}/meta`,
    body: { action: 'attest', evidence: `Seen in the manager account: ${newId()}` },
  }),
  'put /v1/admin/accounts/{id}/subscription': async () => ({
    url: '/v1/admin/accounts/acme/subscription',
    body: { status: 'past_due', reason: 'The card was declined.' },
  }),
  'post /v1/jobs': async () => ({ url: '/v1/jobs', body: { order: await api.order('seo'), command: priority } }),
  'post /v1/bulk-operations': async () => ({
    url: '/v1/bulk-operations',
    body: { action: priority, reason: 'asked', ids: [await api.order('seo')] },
  }),
  'post /v1/bulk-operations/{id}/start': () => operation('start'),
  'post /v1/bulk-operations/{id}/undo': () => operation('undo'),
  'post /v1/bulk-operations/{id}/pause': () => operation('pause'),
  'post /v1/bulk-operations/{id}/resume': () => operation('resume'),
  'post /v1/bulk-operations/{id}/cancel': () => operation('cancel'),
};

/** Refused here, whatever is asked; a key that is taken is told all the same. */
const refused: Record<string, () => Promise<Prepared>> = {
  'put /v1/admin/orders/{id}/workflow': async () => ({ url: `${await order()}/workflow`, body: { version: 99 } }),
  'put /v1/admin/orders/{id}/onboarding': async () => ({
    url: `${await order()}/onboarding`,
    body: { status: 'approved', stage: 'intake' },
  }),
  'post /v1/bulk-operations/{id}/retry-failed': () =>
    operation('start').then(({ url }) => ({
      url: url.replace('/start', '/retry-failed'),
    })),
};

const all = { ...requests, ...refused };

function send(route: string, { url, body }: Prepared, key: string) {
  const method = route.split(' ')[0]?.toUpperCase() as 'POST' | 'PUT' | 'DELETE';
  return api.call(method, url, { body, headers: { 'idempotency-key': key, 'if-match': '*' } });
}

/** So that the next operation can run. */
const stopAll = () => api.models.operations.model.collection.updateMany({}, { $unset: { active: 1 } });

describe('the Idempotency-Key', () => {
  test('is tried on every route that takes one', async () => {
    const { paths } = JSON.parse(await readFile(`${root}/openapi.json`, 'utf8'));
    const taking = Object.entries(paths as Record<string, Record<string, { parameters?: { name: string }[] }>>).flatMap(
      ([path, methods]) =>
        Object.entries(methods)
          .filter(([, { parameters = [] }]) => parameters.some(({ name }) => name === 'idempotency-key'))
          .map(([method]) => `${method} ${path}`),
    );
    expect(Object.keys(all).sort()).toEqual(taking.sort());
  });

  test.each(Object.keys(requests))('repeated, is answered as at first: %s', async (route) => {
    const asked = await (requests[route] as () => Promise<Prepared>)();
    const key = `again-${newId()}`;
    const first = await send(route, asked, key);
    expect([first.statusCode, first.headers['idempotency-replayed']], first.body).toEqual([
      expect.toSatisfy((code) => code === 200 || code === 202),
      undefined,
    ]);
    const again = await send(route, asked, key);
    expect([again.statusCode, again.headers['idempotency-replayed']], again.body).toEqual([first.statusCode, 'true']);
    const idOf = (answer: typeof first) => answer.json().job?.id ?? answer.json().id;
    expect(idOf(again)).toBe(idOf(first));
    await stopAll();
  });

  test.each(Object.keys(all))('that another request has taken is refused: %s', async (route) => {
    for (const taker of ['post /v1/jobs', 'post /v1/bulk-operations/{id}/cancel']) {
      const key = `taken-${newId()}`;
      const first = await send(taker, await (requests[taker] as () => Promise<Prepared>)(), key);
      expect(first.statusCode, first.body).toBeLessThan(300);
      const other = await send(route, await (all[route] as () => Promise<Prepared>)(), key);
      expect([other.statusCode, other.json().code], other.body).toEqual([422, 'key_reused']);
      await stopAll();
    }
  });

  test('means one verb of an operation', async () => {
    const key = `verb-${newId()}`;
    const { url, body } = await operation('start');
    const start = await send('post start', { url, body: body ?? {} }, key);
    expect(start.statusCode, start.body).toBe(200);
    const pause = await send('post pause', { url: url.replace('start', 'pause') }, key);
    expect([pause.statusCode, pause.json().code]).toEqual([422, 'key_reused']);
    await stopAll();
  });

  test('means one verb even where both come at once', async () => {
    const key = `verbs-${newId()}`;
    const { url, body } = await operation('start');
    const answers = await Promise.all([
      send('post start', { url, body: body ?? {} }, key),
      send('post cancel', { url: url.replace('start', 'cancel') }, key),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 422]);
    await stopAll();
  });
});

describe('a command', () => {
  test('that the table of commands does not have is refused by its field, by whichever route it comes', async () => {
    const url = `${await order()}/stage`;
    const asked = { action: 'reschedule', stage: 'intake', days: 0, reason: 'asked' };
    const single = await api.call('PUT', url, { body: asked, headers: { 'if-match': '*' } });
    const command = { type: 'reschedule', stage: 'intake', days: 0 };
    const job = await api.call('POST', '/v1/jobs', { body: { order: url.split('/')[4], command, reason: 'asked' } });
    expect([single.statusCode, single.json().errors[0].pointer], single.body).toEqual([400, '/days']);
    expect([job.statusCode, job.json().errors[0].pointer], job.body).toEqual([400, '/command/days']);
  });
});

import { beforeAll, describe, expect, test } from 'vitest';
import type { KnownRoute } from '../../api/http/policy.ts';
import { type Role, roles } from '../../kernel/actor.ts';
import { table } from '../../kernel/rights.ts';
import { deliveryUnknown, doubtOf } from '../../workflows/rules/doubt.ts';
import type { Alarm } from '../../workflows/telling/alarms.ts';
import { anApi, client, type TestApi } from '../support/api.ts';

/** What each route needs beside its policy to get as far as its own answer; a route that is missing here fails. */
const samples: Record<string, { query?: string; body?: unknown }> = {
  'POST /v1/admin/orders': { body: { account: 'ACCOUNT', product: 'listings', tier: 'basic', title: 'T', client } },
  'GET /v1/admin/orders': {},
  'GET /v1/admin/orders/:id': {},
  'PUT /v1/admin/orders/:id': { body: { title: 'Another' } },
  'PUT /v1/admin/orders/:id/status': { body: { status: 'paused', reason: 'asked' } },
  'DELETE /v1/admin/orders/:id': { query: '?reason=asked' },
  'PUT /v1/admin/orders/:id/labels': { body: { command: { type: 'set-priority', priority: 'high' } } },
  'PUT /v1/admin/orders/:id/workflow': { body: { version: 2 } },
  'PUT /v1/admin/orders/:id/stage': { body: { action: 'begin', stage: 'intake' } },
  'GET /v1/admin/orders/:id/setup-progress': {},
  'GET /v1/admin/orders/:id/emails': {},
  'GET /v1/admin/orders/:id/notes': {},
  'GET /v1/admin/accounts': {},
  'POST /v1/admin/orders/:id/undo': { body: { reason: 'A mistake.' } },
  'PUT /v1/admin/orders/:id/assignment': { body: { manager: 'ann' } },
  'GET /v1/admin/workload': {},
  'GET /v1/admin/alerts': {},
  'PUT /v1/admin/alerts/:id': { body: { state: 'acknowledged' } },
  'PUT /v1/admin/alerts/:id/delivery': { body: { outcome: 'arrived', reason: 'They say so.' } },
  'POST /v1/admin/orders/:id/onboarding-link': { body: { stage: 'intake' } },
  'PUT /v1/admin/orders/:id/onboarding': { body: { status: 'approved' } },
  'GET /v1/admin/accounts/:id': {},
  'GET /v1/admin/accounts/:id/emails': {},
  'GET /v1/admin/accounts/:id/grants': {},
  'POST /v1/admin/accounts/:id/grants': { body: { grant: 'dns' } },
  'PUT /v1/admin/accounts/:id/grants/:grant': { body: { action: 'attest', evidence: 'Seen in the manager account.' } },
  'PUT /v1/admin/accounts/:id/subscription': { body: { status: 'past_due', reason: 'The card was declined.' } },
  'GET /v1/admin/onboardings': { query: '?orders=ORDER' },
  'GET /v1/store/orders': {},
  'GET /v1/store/orders/my-orders': {},
  'GET /v1/store/orders/my-forms': {},
  'GET /v1/store/orders/:id': {},
  'GET /v1/store/orders/:id/status': {},
  'GET /v1/store/orders/:id/timeline': {},
  'POST /v1/jobs': { body: { order: 'ORDER', command: { type: 'begin-stage', stage: 'intake' } } },
  'GET /v1/jobs/:id': {},
  'GET /v1/products': {},
  'GET /v1/products/:product': {},
  'GET /admin/jobs/:id': {},
  'GET /admin/orders/:id': {},
  'GET /v1/admin/analytics/overview': {},
  'GET /v1/admin/analytics/stages': {},
  'GET /v1/admin/analytics/sla': {},
  'GET /v1/admin/analytics/exceptions': {},
  // Items and causes are no orders: that foreign ones are out of reach is tested with the dead letters.
  'GET /v1/admin/dead-letters': {},
  'GET /v1/admin/dead-letters/:fingerprint': {},
  'POST /v1/admin/dead-letters/replay': { body: { ids: ['nothing'], reason: 'asked' } },
  'POST /v1/admin/dead-letters/discard': { body: { ids: ['nothing'], reason: 'asked' } },
  'POST /v1/admin/dead-letters/items/:item/replay': { body: { payload: {}, reason: 'asked' } },
  'GET /v1/bulk-operations': {},
  'POST /v1/bulk-operations': {
    body: { action: { type: 'set-priority', priority: 'high' }, reason: 'asked', ids: ['none'] },
  },
  'GET /v1/bulk-operations/:id': {},
  'GET /v1/bulk-operations/:id/result': {},
  'POST /v1/bulk-operations/:id/start': { body: { hash: '0'.repeat(64) } },
  'POST /v1/bulk-operations/:id/undo': { body: { reason: 'asked' } },
  'POST /v1/bulk-operations/:id/pause': {},
  'POST /v1/bulk-operations/:id/resume': {},
  'POST /v1/bulk-operations/:id/cancel': {},
  'POST /v1/bulk-operations/:id/retry-failed': {},
};

let api: TestApi;
const own = { order: '', job: '', alert: '', doubt: '', operation: '', account: 'acme' };
const foreign = { order: '', job: '', alert: '', doubt: '', operation: '', account: 'cove' };

beforeAll(async () => {
  api = await anApi();
  own.order = await api.order('google_ads', { title: 'Own' });
  const south = { name: 'south', type: 'staff', role: 'order_admin', agency: 'south' } as const;
  const { key } = await api.models.apiKeys.issue(south, new Date());
  const body = { account: 'cove', product: 'google_ads', tier: 'basic', title: 'Foreign', client };
  foreign.order = (await api.call('POST', '/v1/admin/orders', { as: key, body })).json().order.id;
  await api.work();
  await api.models.staff.put({ _id: 'ann', name: 'Ann', email: 'ann@example.com' });
  for (const side of [own, foreign]) {
    side.alert = await anAlert(side, { kind: 'unassigned', what: `${side.order} is nobody's`, cure: 'Assign it.' });
    side.doubt = await anAlert(side, doubtOf({ template: 'setup-complete', to: 'client', since: new Date() }));
  }
  const asked = { action: { type: 'set-priority', priority: 'high' }, reason: 'asked', filter: {} };
  const planned = async (as: string) => (await api.call('POST', '/v1/bulk-operations', { as, body: asked })).json().id;
  own.operation = await planned('order_admin');
  foreign.operation = await planned(key);
  for (const side of [own, foreign]) side.job = (await api.models.work.ofOrder(side.order, 1))[0]?._id ?? '';
});

/** What only the house may see is asked all alike, below: the board, whose routes are not ours, and what is counted. */
const ofBoard = ({ url }: { url: string }) =>
  url.startsWith('/admin/queues') || url === '/metrics' || url === '/v1/admin/processes';
const isGuarded = ({ policy, method }: KnownRoute) => policy !== 'open' && method !== 'HEAD';
const guarded = () => api.app.knownRoutes.filter((route) => isGuarded(route) && !ofBoard(route));
const board = () => api.app.knownRoutes.filter((route) => route.method !== 'HEAD' && ofBoard(route));

function idFor(url: string, { job, alert, doubt, operation, account, order }: typeof own): string {
  if (url.endsWith('/delivery')) return doubt;
  if (url.includes('/accounts/')) return account;
  if (url.includes('/bulk-operations/')) return operation;
  if (url.includes('/jobs/')) return job;
  return url.includes('/alerts/') ? alert : order;
}

/** As a worker leaves one. */
async function anAlert({ order, account }: typeof own, words: Pick<Alarm, 'kind' | 'what' | 'cure'>): Promise<string> {
  const agency = account === 'cove' ? 'south' : 'north';
  const who = { actor: { type: 'system', id: 'test' }, cause: 'worker', agency, account } as const;
  const { kind, what, cure } = words;
  const about = { kind, severity: 'warning', what, cure, ...(kind === deliveryUnknown && { notification: 'mail-1' }) };
  const set = { ...about, agency, account, order, state: 'open', count: 1, since: new Date(), seq: 1 };
  const entry = { at: new Date(), work: order, ...who, action: 'keep-alert', outcome: 'done', events: [] } as const;
  const change = { entry: { ...entry, events: [] }, effects: [], set, dueAt: new Date() };
  return (await api.models.alerts.create(`${order}.${kind}`, change))._id;
}

async function ask(route: { method: string; url: string }, role: Role, side: typeof own) {
  const sample = samples[`${route.method} ${route.url}`] ?? {};
  const filled = (text: string) => text.replaceAll('ORDER', side.order).replaceAll('ACCOUNT', side.account);
  const url =
    route.url.replace(':id', idFor(route.url, side)).replace(':grant', 'google_ads').replace(':product', 'seo') +
    filled(sample.query ?? '');
  const body = sample.body === undefined ? undefined : JSON.parse(filled(JSON.stringify(sample.body)));
  return api.call(route.method as 'GET', url, { as: role, body, headers: { 'if-match': '*' } });
}

describe('route × role × own or foreign account', () => {
  test('has no hole: every guarded route has a sample, and every sample a route', () => {
    const found = guarded().map(({ method, url }) => `${method} ${url}`);
    expect(found.sort()).toEqual(Object.keys(samples).sort());
  });

  test('is what the table of rights says, and nobody sees what is another’s', async () => {
    const rows: Record<string, string>[] = [];
    for (const route of guarded()) {
      const { policy, method, url } = route;
      if (policy === 'open') continue;
      const row: Record<string, string> = { route: `${method} ${url}`, right: `${policy.right} ${policy.resource}` };
      for (const role of roles) {
        const isAllowed = table[role][policy.resource].includes(policy.right);
        const mine = await ask(route, role, own);
        const theirs = await ask(route, role, foreign);
        row[role] = `${mine.statusCode}/${theirs.statusCode}`;
        const where = `${method} ${url} as ${role}: ${mine.body}`;
        if (!isAllowed) {
          expect([mine.statusCode, theirs.statusCode], where).toEqual([403, 403]);
          continue;
        }
        expect([401, 404, 500], where).not.toContain(mine.statusCode);
        const commandIsForbidden = mine.statusCode === 403;
        if (/:id|ACCOUNT|ORDER/.test(url + JSON.stringify(samples[`${method} ${url}`])) && method !== 'GET') {
          expect(theirs.statusCode, where).toBe(commandIsForbidden ? theirs.statusCode : 404);
        }
        if (url.includes(':id')) expect(theirs.statusCode, where).toBe(404);
        expect(theirs.body).not.toContain('Foreign');
      }
      rows.push(row);
    }
    console.table(rows);
  });

  test('of nobody is 401 everywhere', async () => {
    for (const route of guarded()) {
      const answer = await ask(route, 'nobody' as Role, own);
      expect([answer.statusCode, answer.json().code], route.url).toEqual([401, 'unauthenticated']);
    }
  });
});

describe('what is for the house × role', () => {
  const askBoard = ({ method, url }: KnownRoute, as: string) => {
    const path = url.replace('*', 'none.js').replace(':queueName', 'setup').replace(':queueStatus', 'failed');
    return api.call(method as 'GET', path.replace(/:\w+/g, 'nothing'), { as, ...(method !== 'GET' && { body: {} }) });
  };

  test('is closed to every key of an agency, whatever its role, and to nobody in particular', async () => {
    expect(new Set(board().map(({ method }) => method))).toEqual(new Set(['GET', 'PUT', 'POST', 'PATCH']));
    expect(board().filter(({ policy }) => policy === 'open')).toEqual([]);
    for (const route of board()) {
      for (const role of roles) {
        expect((await askBoard(route, role)).statusCode, `${route.method} ${route.url} as ${role}`).toBe(403);
      }
      expect((await askBoard(route, 'nobody')).statusCode, `${route.method} ${route.url}`).toBe(401);
    }
  });

  test('opens to the house, to read: no write is carried out', async () => {
    const house = { name: 'house', type: 'staff', role: 'order_admin' } as const;
    const { key } = await api.models.apiKeys.issue(house, new Date());
    for (const route of board()) {
      const { statusCode } = await askBoard(route, key);
      if (route.method === 'GET') expect([401, 403], route.url).not.toContain(statusCode);
      else expect(statusCode, `${route.method} ${route.url}`).toBe(405);
    }
  });
});

describe('a route without a policy', () => {
  test('lets no server start', async () => {
    const other = await anApi({ extraRoute: '/forgotten' });
    await expect(other.app.ready()).rejects.toThrow('The route GET /forgotten has no policy.');
  });
});

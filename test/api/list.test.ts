import { beforeAll, describe, expect, test } from 'vitest';
import { type Listing, questionOf, type SortBy, sortFields } from '../../models/order-search.ts';
import { anApi, type TestApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
  for (const title of ['Zebra Zahnärzte', 'Riverside Dental', 'river rafting (50% off)', 'Ämter & Co', 'Bakery']) {
    await api.order('listings', { title, client: { name: 'Ann', email: `${title.length}@example.com` } });
  }
  await api.order('google_ads', { title: 'Ads for Bolt', account: 'bolt' });
  const south = { name: 's', type: 'staff', role: 'order_admin', agency: 'south' } as const;
  const { key } = await api.models.apiKeys.issue(south, new Date());
  await api.call('POST', '/v1/admin/orders', {
    as: key,
    body: {
      account: 'cove',
      product: 'listings',
      tier: 'basic',
      title: 'Foreign',
      client: { name: 'C', email: 'c@example.com' },
    },
  });
  await api.work();
});

async function list(query: Record<string, string>, as = 'order_admin') {
  const answer = await api.call('GET', `/v1/admin/orders?${new URLSearchParams(query)}`, { as });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json() as { data: { title: string; createdAt: string }[]; page: Record<string, unknown> };
}
const titles = async (query: Record<string, string>, as?: string) =>
  (await list(query, as)).data.map(({ title }) => title);

describe('the list of orders', () => {
  test('holds what is in the caller’s scope, newest first', async () => {
    expect(await titles({})).toEqual([
      'Ads for Bolt',
      'Bakery',
      'Ämter & Co',
      'river rafting (50% off)',
      'Riverside Dental',
      'Zebra Zahnärzte',
    ]);
    expect(await titles({}, 'account_manager')).not.toContain('Ads for Bolt');
  });

  test.each([
    [{ product: 'google_ads' }, ['Ads for Bolt']],
    [{ account: 'bolt' }, ['Ads for Bolt']],
    [{ account: 'cove' }, []],
    [{ onboarding_status: 'sent' }, ['Ads for Bolt']],
    [{ setup_status: 'live' }, []],
    [{ stage: 'intake' }, ['Ads for Bolt']],
    [{ holder: 'client', product: 'google_ads' }, ['Ads for Bolt']],
    [{ order_inactivity: '1' }, []],
    [{ end_date: '2020-01-01' }, []],
    [{ start_date: '2020-01-01', q: 'bakery' }, ['Bakery']],
    [{ q: 'RIVER' }, ['river rafting (50% off)', 'Riverside Dental']],
    [{ q: 'dental riv' }, ['Riverside Dental']],
    [{ q: 'ämt' }, ['Ämter & Co']],
    [{ q: '50%' }, ['river rafting (50% off)']],
    [{ q: '.*' }, []],
    [{ q: 'iver' }, []],
    [{ sort_by: 'title', order: 'asc', limit: '2' }, ['Ads for Bolt', 'Ämter & Co']],
    [{ sort_by: 'title', order: 'asc', limit: '2', page: '2' }, ['Bakery', 'river rafting (50% off)']],
  ])('filtered by %o is %o', async (query, expected) => {
    expect(await titles(query as unknown as Record<string, string>)).toEqual(expected);
  });

  test('is walked by cursor to its end, each order once, whatever it is sorted by', async () => {
    for (const sort_by of ['created_at', 'last_activity', 'title', 'status']) {
      const seen: string[] = [];
      const query: Record<string, string> = { sort_by, order: 'asc', limit: '2', count: 'exact' };
      for (;;) {
        const { data, page } = await list(query);
        seen.push(...data.map(({ title }) => title));
        expect(page['total']).toBe(6);
        if (!page['hasMore']) break;
        query['cursor'] = String(page['nextCursor']);
      }
      expect(seen).toHaveLength(6);
      expect(new Set(seen).size).toBe(6);
    }
  });

  test('names the next page in a Link header', async () => {
    const answer = await api.call('GET', '/v1/admin/orders?limit=4');
    const [, next = ''] = /^<(.+)>; rel="next"$/.exec(String(answer.headers.link)) ?? [];
    expect((await api.call('GET', next)).json().data).toHaveLength(2);
  });

  test('refuses a cursor that is made up, or that another list gave', async () => {
    const { page } = await list({ limit: '2' });
    const cursor = String(page['nextCursor']);
    const [content = ''] = cursor.split('.');
    const forged = `${Buffer.from('{"v":"x","d":false,"id":"x"}').toString('base64url')}.${cursor.split('.')[1]}`;
    for (const [query, as] of [
      [`limit=2&cursor=${content}`],
      [`limit=2&cursor=${content}.${encodeURIComponent('é'.repeat(22))}`],
      [`limit=2&cursor=${forged}`],
      [`limit=2&product=seo&cursor=${cursor}`],
      [`limit=2&cursor=${cursor}`, 'account_manager'],
    ]) {
      const answer = await api.call('GET', `/v1/admin/orders?${query}`, { ...(as && { as }) });
      expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, '/query/cursor']);
    }
    expect(await titles({ limit: '2', cursor })).toHaveLength(2);
  });

  test.each([
    ['start_date=yesterday', '/query/start_date', 'Use a date such as 2026-03-31.'],
    ['end_date=2026-02-30', '/query/end_date', 'Use a date such as 2026-03-31.'],
    ['onboarding_status=lost', '/query/onboarding_status', 'not_required'],
    ['order_inactivity=-3', '/query/order_inactivity', 'whole number'],
    ['product=fax', '/query/product', 'google_ads'],
    ['setup_status=done', '/query/setup_status', 'paused'],
    ['sort_by=secret', '/query/sort_by', 'created_at'],
    ['order=up', '/query/order', 'asc'],
    ['page=0', '/query/page', 'from 1 to 500'],
    ['limit=201', '/query/limit', 'from 1 to 200'],
    ['limit=ten', '/query/limit', 'from 1 to 200'],
    ['q=', '/query/q', 'one word'],
    [`q=${'x'.repeat(201)}`, '/query/q', '200 characters'],
    [`q=${[...'abcdefghijk'].join('+')}`, '/query/q', 'at most 10 words'],
    ['product=seo,cars', '/query/product', 'one or more of'],
    ['due=tomorrow', '/query/due', 'late'],
    ['has_alert=yes', '/query/has_alert', 'true'],
    ['q[$regex]=x', '/query/q[$regex]', 'Unknown field'],
    ['page=1&cursor=x', '/query/cursor', 'Remove'],
    ['limit=1&limit=2', '/query/limit', 'string'],
  ])('asked %s tells that %s is wrong, and what would pass', async (query, pointer, words) => {
    const answer = await api.call('GET', `/v1/admin/orders?${query}`);
    expect(answer.statusCode).toBe(400);
    const found = answer.json().errors.find((error: { pointer: string }) => error.pointer === pointer);
    expect(found?.message).toContain(words);
    expect(found?.rule).toEqual(expect.any(String));
  });
});

describe.each([
  ['an agency', { agency: 'north' }],
  ['the house', {}],
])('a list of orders for %s', (_, scope) => {
  const sorts = Object.keys(sortFields) as SortBy[];
  const planOf = async (listing: Omit<Listing, 'limit'>) => {
    const { criteria, sort } = questionOf(scope, listing);
    const found = api.models.orders.model.collection
      .find(criteria as never)
      .sort(sort)
      .limit(51);
    return JSON.stringify(((await found.explain('queryPlanner')) as { queryPlanner: object }).queryPlanner);
  };

  test.each(sorts.flatMap((sortBy) => [true, false].map((descending) => ({ sortBy, descending }))))(
    'is in the order of an index: %o',
    async ({ sortBy, descending }) => {
      const value = ['created_at', 'last_activity'].includes(sortBy) ? new Date() : 'live';
      for (const after of [undefined, { value, id: 'ord_x' }]) {
        const plan = await planOf({ filter: {}, sortBy, descending, after });
        expect(plan).toContain('"IXSCAN"');
        expect(plan).not.toContain('"stage":"SORT"');
      }
    },
  );

  test.each([
    { account: 'acme' },
    { product: 'seo' },
    { status: 'live' },
    { onboarding: 'sent' },
    { stage: 'intake' },
    { holder: 'client' },
    { createdFrom: new Date(0), createdBefore: new Date() },
    { inactiveSince: new Date() },
    { words: ['river'] },
    { product: 'seo', status: 'live', words: ['river'] },
  ])('looks through an index, filtered by %o, whatever it is sorted by', async (filter) => {
    for (const sortBy of sorts) {
      const plan = await planOf({ filter, sortBy, descending: true });
      expect(plan).toContain('"IXSCAN"');
      expect(plan).not.toContain('"COLLSCAN"');
    }
  });
});

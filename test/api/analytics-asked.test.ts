import mongoose from 'mongoose';
import { beforeAll, describe, expect, test } from 'vitest';
import { analyticsQuery, daysOf } from '../../api/schemas/analytics-query.ts';
import { ordersQuestions, overdueQuestion, roundsQuestion } from '../../models/span-search.ts';
import { periodOf } from '../../workflows/analytics/period.ts';
import { anApi, type TestApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi({ business: { now: () => new Date('2026-03-15T02:30:00Z') } });
});

const reports = ['overview', 'stages', 'sla'];
const ask = (report: string, query: Record<string, string>, as = 'order_admin') =>
  api.call('GET', `/v1/admin/analytics/${report}?${new URLSearchParams(query)}`, { as });

describe('a period that is no period', () => {
  test.each([
    [
      'an end before its start',
      { start_date: '2026-02-02', end_date: '2026-02-01' },
      '/query/start_date',
      'is not after `end_date`, 2026-02-01',
    ],
    [
      'an end before its start, at the end',
      { start_date: '2026-02-02', end_date: '2026-02-01' },
      '/query/end_date',
      'not before `start_date`',
    ],
    ['a start after today', { start_date: '2026-03-16' }, '/query/start_date', 'not after today, which is 2026-03-15'],
    [
      'more than 366 days',
      { start_date: '2024-01-01', end_date: '2025-01-01' },
      '/query/start_date',
      'Use 2024-01-02 or later',
    ],
    [
      'a day that does not exist',
      { start_date: '2026-02-30' },
      '/query/start_date',
      'an existing date such as 2026-03-31',
    ],
    ['a leap day of another year', { end_date: '2026-02-29' }, '/query/end_date', 'an existing date'],
    ['a time', { end_date: '2026-02-01T10:00:00Z' }, '/query/end_date', 'an existing date'],
    ['a day before our time', { start_date: '0001-01-01' }, '/query/start_date', 'from 2000-01-01 to 2099-12-31'],
    ['two days at once', { start_date: '2026-02-01,2026-02-02' }, '/query/start_date', 'an existing date'],
    ['an unknown product', { product: 'fax' }, '/query/product', 'one of seo, google_ads'],
    ['an unknown zone', { time_zone: 'Mars/Olympus' }, '/query/time_zone', 'such as Europe/Berlin'],
    ['another comparison', { compare: 'next' }, '/query/compare', 'previous'],
    ['an unknown parameter', { agency: 'south' }, '/query/agency', 'Remove it'],
  ])('is refused for %s, naming the field and what would pass', async (_, query, pointer, words) => {
    for (const report of reports) {
      const answer = await ask(report, query);
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
      const error = answer.json().errors.find((one: { pointer: string }) => one.pointer === pointer);
      expect(error?.message).toContain(words);
      expect(error?.rule).toEqual(expect.any(String));
    }
  });

  test('may have 366 days', async () => {
    expect((await ask('overview', { start_date: '2024-01-01', end_date: '2024-12-31' })).statusCode).toBe(200);
  });
});

describe('whose days are meant', () => {
  const periodIn = async (query: Record<string, string>) => (await ask('overview', query)).json();

  test('is said by the caller, else by the agency, else it is UTC; today is a day of that zone', async () => {
    expect(await periodIn({})).toMatchObject({
      timeZone: 'UTC',
      period: { start_date: '2026-02-14', end_date: '2026-03-15' },
    });
    const north = (await api.models.agencies.get('north'))!;
    await api.models.agencies.put({ ...north, timeZone: 'America/Los_Angeles' });
    expect(await periodIn({})).toMatchObject({
      timeZone: 'America/Los_Angeles',
      // It is still the 14th there; between the two midnights the clocks went forward.
      period: {
        start_date: '2026-02-13',
        end_date: '2026-03-14',
        from: '2026-02-13T08:00:00.000Z',
        to: '2026-03-15T07:00:00.000Z',
      },
    });
    expect(await periodIn({ time_zone: 'Asia/Kolkata' })).toMatchObject({ timeZone: 'Asia/Kolkata' });
  });

  test.each([
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25', 25],
    ['America/New_York', '2026-03-08', 23],
    ['America/New_York', '2026-11-01', 25],
    ['Asia/Kolkata', '2026-03-29', 24],
    ['Africa/Cairo', '2026-04-24', 23], // The clocks go forward at midnight itself.
    ['Pacific/Apia', '2026-06-01', 24],
  ])('in %s on %s has so many hours', (zone, day, hours) => {
    const { from, to } = periodOf({ first: day, last: day }, zone);
    expect((to.getTime() - from.getTime()) / 3_600_000).toBe(hours);
    const before = periodOf({ first: '2026-01-01', last: day }, zone);
    expect(before.to).toEqual(to);
  });

  test('has as many days before it as it has itself, whatever their hours', () => {
    const query = analyticsQuery.parse({ start_date: '2026-03-01', end_date: '2026-03-31' });
    expect(daysOf(query, 'UTC', new Date())).toEqual({ first: '2026-03-01', last: '2026-03-31' });
  });
});

describe('who may look', () => {
  test('is staff that oversees; who does the work is not shown how everybody fares', async () => {
    const statuses = async (as: string) =>
      Promise.all(reports.map(async (report) => (await ask(report, {}, as)).statusCode));
    for (const role of ['order_admin', 'setup_manager', 'account_manager'])
      expect(await statuses(role)).toEqual([200, 200, 200]);
    expect(await statuses('fulfillment')).toEqual([403, 403, 403]);
    expect(await statuses('nobody')).toEqual([401, 401, 401]);
  });
});

describe('every question to the database', () => {
  const period = { from: new Date('2026-01-01'), to: new Date('2026-02-01') };
  const scopes = [{ agency: 'north' }, { agency: 'north', accounts: ['acme'] }, {}];
  const asked = scopes.flatMap((scope) => [undefined, 'seo'].map((product) => ({ scope, product })));

  test.each(asked)('is answered along an index: %o', async (sought) => {
    const questions = [
      ...ordersQuestions(sought, period),
      roundsQuestion(sought, period),
      overdueQuestion(sought, period.to),
    ];
    for (const question of questions) {
      const found = api.models.spans.model.collection.find(question as never);
      const { queryPlanner } = (await found.explain('queryPlanner')) as { queryPlanner: object };
      const plan = JSON.stringify(queryPlanner);
      expect(plan).toContain('"IXSCAN"');
      expect(plan).not.toContain('"COLLSCAN"');
    }
  });
});

describe('a report that takes the database too long', () => {
  const spans = () => api.models.spans.model.collection;

  /** MongoDB's own answer to a question that says how long it may take, and has taken longer. */
  async function whileSlow(act: () => Promise<void>): Promise<void> {
    const find = spans().find;
    spans().find = ((_: object, options: { maxTimeMS?: number } = {}) => ({
      toArray: async () => {
        if (!options.maxTimeMS) return [];
        throw new mongoose.mongo.MongoServerError({ message: 'operation exceeded time limit', code: 50 });
      },
    })) as never;
    await act().finally(() => {
      spans().find = find;
    });
  }

  test.each(reports)('is answered with 503 and what to do: %s', async (report) => {
    await whileSlow(async () => {
      const answer = await ask(report, {});
      expect([answer.statusCode, answer.json()]).toMatchObject([503, { code: 'unavailable', retryable: true }]);
      expect(answer.json().detail).toContain('Narrow it');
    });
    expect((await ask(report, {})).statusCode).toBe(200);
  });
});

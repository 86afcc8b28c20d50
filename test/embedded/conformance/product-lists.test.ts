/** Lists as people ask for them: filtered, sorted, searched by words, counted, read on from where a page ended. */
import type { Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { both, indexOf, type Subject, useServers } from './servers.ts';

useServers();

const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1_000);
const options = { maxTimeMS: 2_000 };

/** Orders 0 to 19; the pairs 0-1, 2-3 … were made at the same time. */
const ORDERS: Document[] = Array.from({ length: 20 }, (_, n) => ({
  _id: `o${String(n).padStart(2, '0')}`,
  agency: n < 16 ? 'a' : 'b',
  account: `c${n % 4}`,
  state: {
    status: n % 2 === 0 ? 'live' : 'onboarding',
    title: `Title ${n % 3}`,
    createdAt: at(n >> 1),
    lastActivityAt: at(100 - n),
    ...(n === 7 && { clearedAt: at(1) }),
  },
  search: [`o${String(n).padStart(2, '0')}`, 'title', n % 5 === 0 ? 'müller+söhne' : 'smith.ltd', `n${n}@x.example`],
}));

async function withOrders({ docs }: Subject): Promise<Subject['docs']> {
  await docs.createIndex({ agency: 1, 'state.createdAt': -1, _id: -1 });
  await docs.createIndex({ agency: 1, account: 1, 'state.createdAt': -1, _id: -1 });
  await docs.createIndex({ agency: 1, 'state.lastActivityAt': 1, _id: 1 });
  await docs.createIndex({ agency: 1, search: 1 });
  await docs.createIndex({ 'state.title': 1, _id: 1 });
  await docs.insertMany(ORDERS as never);
  return docs;
}

const idsFor = (filter: Document, sort: Document, limit = 50, skip = 0) =>
  both(async (subject) => {
    const docs = await withOrders(subject);
    const found = docs.find(filter as never, options).sort(sort as never);
    return (await found.skip(skip).limit(limit).toArray()).map(({ _id }) => _id);
  });

const all = (...conditions: Document[]): Document => ({ $and: conditions });
const visible = { agency: 'a', 'state.clearedAt': { $exists: false } };
const numbered = (...numbers: number[]) => numbers.map((n) => `o${String(n).padStart(2, '0')}`);

describe('a list', () => {
  test('comes newest first, equals by _id', async () => {
    const found = await idsFor(all(visible), { 'state.createdAt': -1, _id: -1 }, 5);
    expect(found).toEqual(numbered(15, 14, 13, 12, 11));
  });

  test('goes on after the last of a page, in the middle of equals', async () => {
    const beyond = [
      { 'state.createdAt': { $lte: at(6) } },
      { $or: [{ 'state.createdAt': { $lt: at(6) } }, { 'state.createdAt': at(6), _id: { $lt: 'o13' } }] },
    ];
    const found = await idsFor({ $and: [all(visible), ...beyond] }, { 'state.createdAt': -1, _id: -1 }, 7);
    expect(found).toEqual(numbered(12, 11, 10, 9, 8, 6, 5));
  });

  test('goes on upwards by a text', async () => {
    const beyond = [
      { 'state.title': { $gte: 'Title 1' } },
      { $or: [{ 'state.title': { $gt: 'Title 1' } }, { 'state.title': 'Title 1', _id: { $gt: 'o16' } }] },
    ];
    const found = await idsFor(
      { $and: [all({ 'state.clearedAt': { $exists: false } }), ...beyond] },
      { 'state.title': 1, _id: 1 },
      3,
    );
    expect(found).toEqual(numbered(19, 2, 5));
  });

  test('skips pages', async () => {
    expect(await idsFor(all(visible, { account: 'c1' }), { 'state.createdAt': -1, _id: -1 }, 2, 1)).toEqual(
      numbered(9, 5),
    );
    expect(await idsFor(all(visible), { 'state.createdAt': -1, _id: -1 }, 2, 99)).toEqual([]);
  });

  test.each<[string, Document, number[]]>([
    [
      'several accounts',
      { account: { $in: ['c1', 'c3'] }, 'state.status': 'onboarding', 'state.createdAt': { $gte: at(5) } },
      [15, 13, 11],
    ],
    ['no account at all', { account: { $in: [] } }, []],
    ['an account outside of the scope', { account: { $in: ['c1'] }, $and: [{ account: 'c2' }] }, []],
    ['a time from and before', { 'state.createdAt': { $gte: at(2), $lt: at(4) } }, [6, 5, 4]],
    ['a time that is over before it begins', { 'state.createdAt': { $gte: at(4), $lt: at(2) } }, []],
    ['idleness', { 'state.lastActivityAt': { $lte: at(86) } }, [15, 14]],
  ])('is narrowed to %s', async (_, filter, numbers) => {
    expect(await idsFor(all(visible, filter), { 'state.createdAt': -1, _id: -1 })).toEqual(numbered(...numbers));
  });

  test.each<[string, string[], number[]]>([
    ['a beginning', ['^mül'], [0, 5, 10, 15]],
    ['a beginning with a sign that would mean something', ['^smith\\.'], [1, 2, 3, 4, 6, 8, 9, 11, 12, 13, 14]],
    ['a plus', ['^müller\\+s'], [0, 5, 10, 15]],
    ['a dot that is none', ['^smith\\-'], []],
    ['an address', ['^n11@x'], [11]],
    ['two words, each of some element', ['^mül', '^n10'], [10]],
    ['two words that no order has', ['^mül', '^n11'], []],
    ['the middle of a word, which is not enough', ['^üller'], []],
    ['another case, which is another word', ['^MÜL'], []],
  ])('is searched by %s', async (_, patterns, numbers) => {
    const words = patterns.map(($regex) => ({ search: { $regex } }));
    expect(await idsFor(all(visible, ...words), { _id: 1 })).toEqual(numbered(...numbers));
  });

  test('is counted', async () => {
    const found = await both(async (subject) => {
      const docs = await withOrders(subject);
      const count = (filter: Document) => docs.countDocuments(filter as never, options);
      return [
        await count(all(visible)),
        await count(all(visible, { account: 'nobody' })),
        await count(all({ 'state.clearedAt': { $exists: false } })),
        await docs.countDocuments({}, { limit: 3 }),
        await docs.countDocuments({}, { skip: 18 }),
      ];
    });
    expect(found).toEqual([15, 0, 19, 3, 2]);
  });

  test('of ids is cut to the scope', async () => {
    const among = (agency: string) => ({
      agency,
      account: { $in: ['c0', 'c1'] },
      _id: { $in: numbered(0, 1, 2, 16, 99) },
    });
    expect(await idsFor(among('a'), { _id: 1 })).toEqual(numbered(0, 1));
    expect(await idsFor(among('b'), { _id: 1 })).toEqual(numbered(16));
  });

  test('of thousands of ids reads no more than those', async () => {
    const found = await both(async (subject) => {
      const docs = await withOrders(subject);
      const ids = Array.from({ length: 3_000 }, (_, n) => `o${String(n).padStart(2, '0')}`);
      const cursor = () => docs.find({ _id: { $in: ids } } as never);
      const { executionStats } = await cursor().explain('executionStats');
      return [
        (await cursor().toArray()).length,
        executionStats.totalDocsExamined,
        indexOf(await cursor().explain('queryPlanner')),
      ];
    });
    expect(found).toEqual([20, 20, '_id_']);
  });

  test('finds one by an _id that must be in two sets', async () => {
    const one = (accounts: string[]) => ({ $and: [{ _id: 'o01' }, { _id: { $in: accounts } }], agency: 'a' });
    expect(await idsFor(one(['o00', 'o01']), {})).toEqual(['o01']);
    expect(await idsFor(one(['o00']), {})).toEqual([]);
    expect(await idsFor(one([]), {})).toEqual([]);
  });
});

describe('a projection', () => {
  const document = {
    ...{ _id: 'o', agency: 'a', history: [1, 2, 3, 4].map((seq) => ({ seq })), search: ['x'] },
    state: { title: 't', load: [{ staff: 's', stages: 2 }], note: null },
  };
  test.each<[string, Document, Document]>([
    ['of some fields', { agency: 1, 'state.title': 1 }, { _id: 'o', agency: 'a', state: { title: 't' } }],
    ['of the _id alone', { _id: 1 }, { _id: 'o' }],
    ['of fields without the _id', { _id: 0, agency: 1 }, { agency: 'a' }],
    [
      'of a field that is null, and one that is missing',
      { _id: 0, 'state.note': 1, gone: 1 },
      { state: { note: null } },
    ],
    ['of a field inside of a list', { _id: 0, 'state.load.stages': 1 }, { state: { load: [{ stages: 2 }] } }],
    [
      'of all but one and the end of a list',
      { history: { $slice: -2 }, search: 0, state: 0 },
      { _id: 'o', agency: 'a', history: [{ seq: 3 }, { seq: 4 }] },
    ],
    [
      'of the beginning of a list',
      { history: { $slice: 1 }, agency: 1 },
      { _id: 'o', agency: 'a', history: [{ seq: 1 }] },
    ],
  ])('%s', async (_, projection, expected) => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne(document as never);
      return docs.findOne({}, { projection });
    });
    expect(found).toEqual(expected);
  });
});

describe('spans of time', () => {
  const span = (_id: number, fields: Document) => ({ _id, of: 'stage', agency: 'a', cleared: false, ...fields });
  const SPANS = [
    span(1, { endedAt: null, dueAt: at(5), breached: false }),
    span(2, { endedAt: null, dueAt: at(9), breached: true }),
    span(3, { endedAt: null, dueAt: null, breached: false }),
    span(4, { endedAt: at(4), closedAt: at(6), enteredAt: at(1) }),
    span(5, { endedAt: at(6), enteredAt: at(2) }),
    span(6, { dueAt: at(5), enteredAt: at(1) }),
    span(7, { endedAt: null, dueAt: at(1), cleared: true }),
  ];
  test.each<[string, Document, number[]]>([
    ['open ones, null or missing', { endedAt: null }, [1, 2, 3, 6]],
    [
      'over their time, or said to be',
      { endedAt: null, $or: [{ breached: true }, { dueAt: { $lte: at(5) } }] },
      [1, 2, 6],
    ],
    ['ended within', { endedAt: { $gte: at(4), $lt: at(6) } }, [4]],
    ['ended since, begun before', { endedAt: { $gte: at(4) }, enteredAt: { $lt: at(2) } }, [4]],
    ['closed within, ended before', { closedAt: { $gte: at(5), $lt: at(7) }, endedAt: { $lt: at(5) } }, [4]],
  ])('are found: %s', async (_, filter, ids) => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ of: 1, agency: 1, endedAt: 1 });
      await docs.createIndex(
        { of: 1, agency: 1, closedAt: 1 },
        { partialFilterExpression: { closedAt: { $exists: true } } },
      );
      await docs.insertMany(SPANS as never);
      const criteria = { of: 'stage', agency: 'a', cleared: false, ...filter };
      const cursor = docs.find(criteria as never, { ...options, batchSize: 2, projection: { _id: 1 } });
      return (await cursor.toArray()).map(({ _id }) => Number(_id)).sort();
    });
    expect(found).toEqual(ids);
  });

  test('use the partial index only where the filter says that the field is there', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ of: 1, closedAt: 1 }, { partialFilterExpression: { closedAt: { $exists: true } } });
      await docs.insertMany(SPANS as never);
      const used = async (closedAt: unknown) =>
        indexOf(await docs.find({ of: 'stage', closedAt } as never).explain('queryPlanner'));
      return [
        await used({ $gte: at(5), $lt: at(7) }),
        await used(at(6)),
        await used(null),
        await used({ $exists: false }),
      ];
    });
    expect(found).toEqual(['of_1_closedAt_1', 'of_1_closedAt_1', 'COLLSCAN', 'COLLSCAN']);
  });
});

describe('the index of a list', () => {
  test.each<[string, Document, Document, string]>([
    ['all of an agency', { agency: 'a' }, { 'state.createdAt': -1, _id: -1 }, 'agency_1_state.createdAt_-1__id_-1'],
    [
      'all of an agency, oldest first',
      { agency: 'a' },
      { 'state.createdAt': 1, _id: 1 },
      'agency_1_state.createdAt_-1__id_-1',
    ],
    [
      'all of an account',
      { agency: 'a', account: 'c1' },
      { 'state.createdAt': -1, _id: -1 },
      'agency_1_account_1_state.createdAt_-1__id_-1',
    ],
    [
      'what is idle',
      { agency: 'a', 'state.lastActivityAt': { $lte: at(50) } },
      { 'state.lastActivityAt': 1, _id: 1 },
      'agency_1_state.lastActivityAt_1__id_1',
    ],
    ['titles of everybody', {}, { 'state.title': 1, _id: 1 }, 'state.title_1__id_1'],
    ['an _id', { _id: 'o01', agency: 'a' }, {}, '_id_'],
  ])('is that of %s', async (_, filter, sort, name) => {
    const found = await both(async (subject) => {
      const docs = await withOrders(subject);
      return indexOf(
        await docs
          .find(filter as never)
          .sort(sort as never)
          .limit(5)
          .explain('queryPlanner'),
      );
    });
    expect(found).toBe(name);
  });

  test('is the one that a hint names', async () => {
    const found = await both(async (subject) => {
      const docs = await withOrders(subject);
      const hinted = (hint: Document) =>
        docs.find({ agency: 'a', _id: { $gt: 'o10' } } as never, { hint }).sort({ _id: 1 });
      const plan = indexOf(await hinted({ _id: 1 }).explain('queryPlanner'));
      const ids = (await hinted({ 'state.title': 1, _id: 1 }).limit(2).toArray()).map(({ _id }) => _id);
      return [
        plan,
        ids,
        await hinted({ gone: 1 })
          .toArray()
          .catch(({ code }) => code),
      ];
    });
    expect(found).toEqual(['_id_', ['o11', 'o12'], 2]);
  });
});

import type { Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { both, indexOf, useServers } from './servers.ts';

useServers();

describe('an index', () => {
  test('keeps a value unique, and says by which key', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ key: 1 }, { unique: true });
      await docs.insertMany([
        { _id: 1, key: 'a' },
        { _id: 2, key: 'b' },
      ] as never);
      return docs
        .updateOne({ _id: 2 } as never, { $set: { key: 'a' } })
        .catch(({ code, keyPattern, keyValue }) => ({ code, keyPattern, keyValue }));
    });
    expect(found).toEqual({ code: 11000, keyPattern: { key: 1 }, keyValue: { key: 'a' } });
  });

  test('lets the rest of an unordered insert through', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 1 } as never);
      const many = docs.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 1 }, { _id: 3 }] as never, { ordered: false });
      const error = await many.catch((one) => one);
      return [error.code, error.writeErrors.map(({ index }: Document) => index), await docs.countDocuments()];
    });
    expect(found).toEqual([11000, [0, 2], 3]);
  });

  test('stops an ordered insert at the first refusal', async () => {
    const found = await both(async ({ docs }) => {
      const error = await docs.insertMany([{ _id: 1 }, { _id: 1 }, { _id: 2 }] as never).catch((one) => one);
      return [error.code, await docs.countDocuments()];
    });
    expect(found).toEqual([11000, 1]);
  });

  test('that is sparse or partial lets what it leaves out be alike', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ s: 1 }, { unique: true, sparse: true });
      await docs.createIndex({ p: 1 }, { unique: true, partialFilterExpression: { open: true } });
      await docs.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3, s: 1, p: 1 }, { _id: 4, s: 2, p: 1 }] as never);
      await docs.insertOne({ _id: 5, s: 3, p: 1, open: true } as never);
      return docs.insertOne({ _id: 6, s: 4, p: 1, open: true } as never);
    });
    expect(found).toEqual({ code: 11000 });
  });

  test('over two fields of one array does not cross them', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ 'a.x': 1, 'a.y': 1 }, { unique: true });
      await docs.insertOne({
        _id: 1,
        a: [
          { x: 1, y: 1 },
          { x: 2, y: 2 },
        ],
      } as never);
      await docs.insertOne({ _id: 2, a: [{ x: 1, y: 2 }] } as never);
      return docs.insertOne({ _id: 3, a: [{ x: 2, y: 2 }] } as never);
    });
    expect(found).toEqual({ code: 11000 });
  });

  test('over two arrays is refused', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ a: 1, b: 1 });
      return docs.insertOne({ _id: 1, a: [1], b: [2] } as never);
    });
    expect(found).toEqual({ code: 171 });
  });

  test('is named by explain where it is used', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ account: 1, status: 1, createdAt: -1 });
      await docs.createIndex({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
      await docs.insertMany(
        Array.from({ length: 50 }, (_, _id) => ({
          _id,
          account: _id % 5,
          status: 'x',
          dueAt: _id,
          createdAt: _id,
        })) as never,
      );
      const used = async (filter: Document, sort: Document = {}) =>
        indexOf(
          await docs
            .find(filter as never)
            .sort(sort as never)
            .explain('queryPlanner'),
        );
      return [
        await used({ account: 1, status: 'x' }, { createdAt: -1 }),
        await used({ account: 1, status: { $in: ['x', 'y'] } }, { createdAt: -1 }),
        await used({ dueAt: { $lte: 5 } }),
        await used({ other: 1 }),
      ];
    });
    expect(found).toEqual([
      'account_1_status_1_createdAt_-1',
      'account_1_status_1_createdAt_-1',
      'dueAt_1',
      'COLLSCAN',
    ]);
  });

  test('is listed, refused under another name, and dropped', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ a: 1 });
      const again = await docs.createIndex({ a: 1 }, { name: 'other' }).catch(({ code }) => code);
      const names = (await docs.indexes()).map(({ name }) => name);
      await docs.dropIndex('a_1');
      return [again, names, (await docs.indexes()).length, await docs.dropIndex('a_1').catch(({ code }) => code)];
    });
    expect(found).toEqual([85, ['_id_', 'a_1'], 1, 27]);
  });
});

describe('an aggregation', () => {
  const ORDERS = [
    { _id: 1, account: 'a', total: 5, tags: ['x', 'y'] },
    { _id: 2, account: 'b', total: 7, tags: [] },
    { _id: 3, account: 'a', total: 9, tags: ['x'] },
  ];
  test.each<[string, Document[], unknown]>([
    [
      '$group',
      [{ $group: { _id: '$account', n: { $sum: 1 }, most: { $max: '$total' } } }, { $sort: { _id: 1 } }],
      [
        { _id: 'a', n: 2, most: 9 },
        { _id: 'b', n: 1, most: 7 },
      ],
    ],
    [
      '$unwind',
      [{ $unwind: '$tags' }, { $group: { _id: '$tags', n: { $sum: '$total' } } }, { $sort: { _id: 1 } }],
      [
        { _id: 'x', n: 14 },
        { _id: 'y', n: 5 },
      ],
    ],
    [
      '$project with an expression',
      [{ $match: { _id: 1 } }, { $project: { _id: 0, double: { $multiply: ['$total', 2] } } }],
      [{ double: 10 }],
    ],
    [
      '$lookup',
      [
        { $match: { _id: 1 } },
        { $lookup: { from: 'docs', localField: 'account', foreignField: 'account', as: 'same' } },
        { $project: { n: { $size: '$same' } } },
      ],
      [{ _id: 1, n: 2 }],
    ],
    [
      '$facet',
      [{ $facet: { all: [{ $count: 'n' }], dear: [{ $match: { total: { $gt: 6 } } }, { $count: 'n' }] } }],
      [{ all: [{ n: 3 }], dear: [{ n: 2 }] }],
    ],
    ['$count', [{ $match: { account: 'a' } }, { $count: 'n' }], [{ n: 2 }]],
    [
      '$sortByCount',
      [{ $sortByCount: '$account' }],
      [
        { _id: 'a', count: 2 },
        { _id: 'b', count: 1 },
      ],
    ],
    [
      '$skip and $limit',
      [{ $sort: { total: -1 } }, { $skip: 1 }, { $limit: 1 }, { $project: { _id: 1 } }],
      [{ _id: 2 }],
    ],
    ['an empty $match', [{ $match: { _id: 9 } }, { $group: { _id: null, n: { $sum: 1 } } }], []],
    ['an unknown stage', [{ $foo: 1 }], { code: 40324 }],
    ['an unknown expression', [{ $set: { a: { $foo: 1 } } }], { code: 168 }],
    ['two operators in a stage', [{ $match: {}, $limit: 1 }], { code: 40323 }],
  ])('answers %s', async (_, pipeline, expected) => {
    const found = await both(async ({ docs }) => {
      await docs.insertMany(ORDERS as never);
      return docs.aggregate(pipeline).toArray();
    });
    expect(found).toEqual(expected);
  });
});

describe('a command', () => {
  test.each<[string, Document, number]>([
    ['that nobody knows', { fooBar: 1 }, 59],
    ['with an option that nobody knows', { find: 'docs', foo: 1 }, 40415],
    ['for a cursor that is not there', { getMore: 5n, collection: 'docs' }, 43],
    ['with a negative skip', { find: 'docs', skip: -1 }, 51024],
    ['on an empty name', { find: '' }, 73],
    ['that drops an index of nothing', { dropIndexes: 'docs', index: 'x' }, 26],
  ])('is refused %s', async (_, command, code) => {
    expect(await both(({ db }) => db.command(command))).toEqual({ code });
  });

  test('lists and drops collections', async () => {
    const found = await both(async ({ db, docs }) => {
      await docs.insertOne({ _id: 1 } as never);
      await db.createCollection('other');
      const again = await db.createCollection('other').catch(({ code }) => code);
      const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
      return [typeof again === 'number', names, await db.dropCollection('other'), (await db.collections()).length];
    });
    expect(found).toEqual([true, ['docs', 'other'], true, 1]);
  });

  test('in a transaction is refused by the embedded server, which has none', async () => {
    const found = await both(async ({ db, docs }) => {
      const session = db.client.startSession();
      session.startTransaction();
      const refused = await docs.insertOne({ _id: 1 } as never, { session }).then(
        () => 'done',
        () => 'refused',
      );
      await session.endSession().catch(() => {});
      return refused;
    });
    expect(found).toBe('refused');
  });
});

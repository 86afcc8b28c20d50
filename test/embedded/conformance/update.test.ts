import { describe, expect, test } from 'vitest';
import { both, updated, useServers } from './servers.ts';

useServers();

describe('an update', () => {
  test.each<[string, object, object, object]>([
    ['$set', { a: 1 }, { $set: { a: 2, 'b.c': 3 } }, { a: 2, b: { c: 3 } }],
    ['$set at a position', { a: [1, 2] }, { $set: { 'a.1': 9 } }, { a: [1, 9] }],
    ['$unset', { a: 1, b: { c: 1, d: 2 } }, { $unset: { a: 1, 'b.c': 1, x: 1 } }, { b: { d: 2 } }],
    ['$inc', { n: 1 }, { $inc: { n: 2, m: -1 } }, { n: 3, m: -1 }],
    ['$mul', { n: 3 }, { $mul: { n: 2, m: 2 } }, { n: 6, m: 0 }],
    ['$min and $max', { a: 5, b: 5 }, { $min: { a: 3, c: 1 }, $max: { b: 9 } }, { a: 3, b: 9, c: 1 }],
    ['$min of dates', { d: new Date(9) }, { $min: { d: new Date(5) } }, { d: new Date(5) }],
    ['$push', { a: [1] }, { $push: { a: 2, b: 1 } }, { a: [1, 2], b: [1] }],
    [
      '$push of each, cut from the end',
      { a: [1, 2] },
      { $push: { a: { $each: [3, 4], $slice: -3 } } },
      { a: [2, 3, 4] },
    ],
    ['$push at a position', { a: [1, 2] }, { $push: { a: { $each: [0], $position: 0 } } }, { a: [0, 1, 2] }],
    [
      '$push, sorted',
      { a: [{ n: 3 }] },
      { $push: { a: { $each: [{ n: 1 }], $sort: { n: 1 } } } },
      { a: [{ n: 1 }, { n: 3 }] },
    ],
    ['$addToSet', { a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1, 2] }],
    ['$pull of a value', { a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
    [
      '$pull by ids',
      { out: [{ id: 'x' }, { id: 'y' }] },
      { $pull: { out: { id: { $in: ['x'] } } } },
      { out: [{ id: 'y' }] },
    ],
    ['$pull by a range', { a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
    ['$pullAll', { a: [1, 2, 3] }, { $pullAll: { a: [1, 3] } }, { a: [2] }],
    ['$pop', { a: [1, 2, 3] }, { $pop: { a: -1 } }, { a: [2, 3] }],
    ['every element', { a: [{ n: 1 }, { n: 2 }] }, { $inc: { 'a.$[].n': 10 } }, { a: [{ n: 11 }, { n: 12 }] }],
    ['no operator on what is there', { a: 1 }, { $setOnInsert: { a: 2 } }, { a: 1 }],
  ])('does %s', async (_, before, update, expected) => {
    expect(await updated(before, update)).toEqual(expected);
  });

  test('changes the element that the filter found', async () => {
    const before = {
      a: [
        { k: 'x', n: 1 },
        { k: 'y', n: 1 },
      ],
    };
    const found = await updated(before, { $set: { 'a.$.n': 5, 'a.$.m': 6 } }, {}, { 'a.k': 'y' });
    expect(found).toEqual({
      a: [
        { k: 'x', n: 1 },
        { k: 'y', n: 5, m: 6 },
      ],
    });
  });

  test('changes the elements that its array filters name', async () => {
    const options = { arrayFilters: [{ 'big.n': { $gt: 1 } }] };
    const found = await updated({ a: [{ n: 1 }, { n: 2 }, { n: 3 }] }, { $set: { 'a.$[big].ok': true } }, options);
    expect(found).toEqual({ a: [{ n: 1 }, { n: 2, ok: true }, { n: 3, ok: true }] });
  });

  test('runs a pipeline', async () => {
    expect(await updated({ a: 2, b: 3 }, [{ $set: { c: { $add: ['$a', '$b'] } } }, { $unset: 'a' }])).toEqual({
      b: 3,
      c: 5,
    });
  });

  test.each<[string, object, object, number]>([
    ['$inc of a string', { a: 'x' }, { $inc: { a: 1 } }, 14],
    ['$inc by a string', { a: 1 }, { $inc: { a: 'x' } }, 14],
    ['$push on a scalar', { a: 1 }, { $push: { a: 1 } }, 2],
    ['$addToSet on a scalar', { a: 1 }, { $addToSet: { a: 1 } }, 2],
    ['$pull on a scalar', { a: 1 }, { $pull: { a: 1 } }, 2],
    ['$pop on a scalar', { a: 1 }, { $pop: { a: 1 } }, 14],
    ['a path through a scalar', { a: 1 }, { $set: { 'a.b': 1 } }, 28],
    ['a path through null', { a: null }, { $set: { 'a.b': 1 } }, 28],
    ['another _id', {}, { $set: { _id: 2 } }, 66],
    ['two operators on one path', {}, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
    ['two operators on a path and one under it', {}, { $set: { a: 1, 'a.b': 1 } }, 40],
    ['an empty field name', {}, { $set: { 'a..b': 1 } }, 56],
    ['an unknown operator', {}, { $foo: { a: 1 } }, 9],
    ['a position that the filter did not give', { a: [1] }, { $set: { 'a.$': 1 } }, 2],
  ])('is refused for %s', async (_, before, update, code) => {
    expect(await updated(before, update)).toEqual({ code });
  });

  test('upserts from the equalities of its filter', async () => {
    const found = await both(async ({ docs }) => {
      const filter = { _id: 'k', 'a.b': 1, n: { $gt: 5 }, s: { $eq: 'x' } };
      const { upsertedId } = await docs.updateOne(
        filter as never,
        { $set: { c: 1 }, $setOnInsert: { d: 1 } },
        { upsert: true },
      );
      return [upsertedId, await docs.findOne()];
    });
    expect(found).toEqual(['k', { _id: 'k', a: { b: 1 }, s: 'x', c: 1, d: 1 }]);
  });

  test('replaces all but the _id', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 1, a: 1 } as never);
      await docs.replaceOne({ _id: 1 } as never, { b: 2 });
      return docs.findOne();
    });
    expect(found).toEqual({ _id: 1, b: 2 });
  });

  test('counts what matched and what changed', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertMany([
        { _id: 1, a: 1 },
        { _id: 2, a: 2 },
      ] as never);
      const { matchedCount, modifiedCount } = await docs.updateMany({}, { $set: { a: 2 } });
      return [matchedCount, modifiedCount];
    });
    expect(found).toEqual([2, 1]);
  });
});

describe('the conditional write of an aggregate', () => {
  const commit = (work: string, version: number) =>
    [
      { _id: 'o', version, applied: { $ne: work } },
      {
        $set: { setup: { stage: work } },
        $inc: { version: 1 },
        $push: {
          applied: { $each: [work], $slice: -2 },
          outbox: { $each: [{ id: `${work}-1` }, { id: `${work}-2` }] },
        },
        $min: { outboxDueAt: new Date(5) },
      },
      { returnDocument: 'after' },
    ] as const;

  test('happens once for a work id and a version', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 'o', version: 1, applied: [], outbox: [] } as never);
      const first = await docs.findOneAndUpdate(...(commit('w1', 1) as never as [never, never, never]));
      const again = await docs.findOneAndUpdate(...(commit('w1', 2) as never as [never, never, never]));
      const late = await docs.findOneAndUpdate(...(commit('w2', 1) as never as [never, never, never]));
      return [first, again, late];
    });
    const outbox = [{ id: 'w1-1' }, { id: 'w1-2' }];
    const committed = {
      _id: 'o',
      version: 2,
      applied: ['w1'],
      outbox,
      setup: { stage: 'w1' },
      outboxDueAt: new Date(5),
    };
    expect(found).toEqual([committed, null, null]);
  });

  test('is won by one of many at once', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 'o', version: 1, applied: [], outbox: [] } as never);
      const all = Array.from({ length: 40 }, (_, i) =>
        docs.findOneAndUpdate(...(commit(`w${i}`, 1) as never as [never, never, never])),
      );
      const won = (await Promise.all(all)).filter((one) => one !== null).length;
      return [won, (await docs.findOne())?.['version']];
    });
    expect(found).toEqual([1, 2]);
  });

  test('takes the mark of an outbox away only when it is empty', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 'o', outbox: [{ id: 1 }, { id: 2 }], outboxDueAt: new Date(1) } as never);
      const unmark = async () =>
        (await docs.updateOne({ _id: 'o', outbox: [] } as never, { $unset: { outboxDueAt: 1 } })).modifiedCount;
      const before = await unmark();
      await docs.updateOne({ _id: 'o' } as never, { $pull: { outbox: { id: { $in: [1, 2] } } } } as never);
      return [before, await unmark(), await docs.findOne()];
    });
    expect(found).toEqual([0, 1, { _id: 'o', outbox: [] }]);
  });
});

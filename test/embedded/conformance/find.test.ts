import { Binary } from 'bson';
import { describe, expect, test } from 'vitest';
import { both, idsOf, useServers } from './servers.ts';

useServers();

const PEOPLE = [
  { _id: 1, name: 'Ada', age: 36, tags: ['a', 'b'], home: { city: 'London' } },
  { _id: 2, name: 'Bob', age: null, tags: [], home: { city: 'Paris', zip: null } },
  { _id: 3, name: 'Cyd', tags: ['b', ['c']], jobs: [{ at: 1, pay: 5 }, { at: 2 }] },
  { _id: 4, name: 'dan', age: 2.5, born: new Date(5), jobs: [{ at: 9, pay: 1 }] },
  { _id: 5, age: 'old', ok: true },
];

describe('a filter', () => {
  test.each<[string, object, number[]]>([
    ['equality', { name: 'Ada' }, [1]],
    ['equality with null, which finds the missing too', { age: null }, [2, 3]],
    ['equality inside an array', { tags: 'b' }, [1, 3]],
    ['equality with a whole array', { tags: ['a', 'b'] }, [1]],
    ['an empty array', { tags: [] }, [2]],
    ['the size of an array', { tags: { $size: 0 } }, [2]],
    ['an array inside an array', { tags: ['c'] }, [3]],
    ['a sub-document as a whole', { home: { city: 'London' } }, [1]],
    ['a dotted path', { 'home.city': 'Paris' }, [2]],
    ['a dotted path into an array of documents', { 'jobs.at': 2 }, [3]],
    ['a position', { 'jobs.0.at': 9 }, [4]],
    ['null where an element lacks the field', { 'jobs.pay': null }, [1, 2, 3, 5]],
    ['a range of numbers, never of strings', { age: { $gt: 1 } }, [1, 4]],
    ['two conditions met by two elements', { 'jobs.at': { $gt: 1, $lt: 2 } }, [3]],
    ['two conditions on one element', { jobs: { $elemMatch: { at: { $gt: 1 }, pay: { $gt: 0 } } } }, [4]],
    ['no element equal', { tags: { $ne: 'b' } }, [2, 4, 5]],
    ['one of several', { name: { $in: ['Ada', 'Cyd', /^d/] } }, [1, 3, 4]],
    ['one of several, null among them', { age: { $in: [null, 36] } }, [1, 2, 3]],
    ['none of several', { name: { $nin: ['Ada', 'Bob'] } }, [3, 4, 5]],
    ['at most null', { age: { $lte: null } }, [2, 3]],
    ['presence', { age: { $exists: true } }, [1, 2, 4, 5]],
    ['absence', { born: { $exists: false } }, [1, 2, 3, 5]],
    ['a type by name', { age: { $type: 'number' } }, [1, 4]],
    ['a type by number', { age: { $type: 2 } }, [5]],
    ['a date', { born: { $lte: new Date(5) } }, [4]],
    ['a regular expression', { name: { $regex: '^[a-c]', $options: 'i' } }, [1, 2, 3]],
    ['either of two', { $or: [{ name: 'Ada' }, { ok: true }] }, [1, 5]],
    ['neither of two', { $nor: [{ name: 'Ada' }, { tags: 'b' }] }, [2, 4, 5]],
    ['not a range', { age: { $not: { $gt: 1 } } }, [2, 3, 5]],
    ['all of several', { tags: { $all: ['a', 'b'] } }, [1]],
    ['all of one, on a scalar', { name: { $all: ['Ada'] } }, [1]],
    ['a remainder', { age: { $mod: [6, 0] } }, [1]],
    ['an expression', { $expr: { $eq: ['$name', 'Bob'] } }, [2]],
  ])('finds by %s', async (_, filter, ids) => {
    expect(await idsOf(PEOPLE, filter)).toEqual(ids);
  });

  test.each<[string, object, number]>([
    ['an unknown operator', { a: { $foo: 1 } }, 2],
    ['an unknown operator at the top', { $foo: 1 }, 2],
    ['$in without an array', { a: { $in: 1 } }, 2],
    ['$or without an array', { $or: 1 }, 2],
    ['an empty $and', { $and: [] }, 2],
    ['$elemMatch of a number', { a: { $elemMatch: 1 } }, 2],
    ['a broken regular expression', { a: { $regex: '(' } }, 51091],
  ])('is refused for %s', async (_, filter, code) => {
    expect(await idsOf([{ _id: 1 }], filter)).toEqual({ code });
  });
});

describe('a filter on _id alone', () => {
  const texts = ['a', 'b', 'c'].map((_id, n) => ({ _id, n }));
  test.each<[string, object, unknown[]]>([
    ['one', { _id: 'b' }, ['b']],
    ['one by $eq', { _id: { $eq: 'b' } }, ['b']],
    ['one that is not there', { _id: 'd' }, []],
    ['one of another type', { _id: { $in: [1, null] } }, []],
    ['several, one of them twice', { _id: { $in: ['c', 'a', 'c', 'd'] } }, ['a', 'c']],
    ['none of none', { _id: { $in: [] } }, []],
    ['several but one', { _id: { $in: ['a', 'b'], $ne: 'a' } }, ['b']],
    ['several and one of them', { _id: { $in: ['a', 'b'], $eq: 'b' } }, ['b']],
    ['several and another', { _id: { $in: ['a', 'b'], $eq: 'c' } }, []],
    ['a text or a pattern', { _id: { $in: ['a', /^c/] } }, ['a', 'c']],
    ['one and another field', { _id: 'b', n: 0 }, []],
  ])('finds %s', async (_, filter, ids) => {
    expect(await idsOf(texts, filter)).toEqual(ids);
  });
});

describe('a find', () => {
  test('sorts across types in the order of MongoDB', async () => {
    const values = [
      'b',
      'a',
      'é',
      2,
      -1,
      1.5,
      null,
      true,
      false,
      new Date(0),
      { x: 1 },
      [],
      [5],
      new Binary(Buffer.of(1)),
    ];
    const found = await both(async ({ docs }) => {
      await docs.insertMany([{ _id: 'missing' }, ...values.map((v, i) => ({ _id: i, v }))] as never);
      return (await docs.find().sort({ v: 1, _id: 1 }).toArray()).map(({ _id }) => _id);
    });
    expect(found).toEqual([11, 6, 'missing', 4, 5, 3, 12, 1, 0, 2, 10, 13, 8, 7, 9]);
  });

  test('gives fields in the order of the document, with _id unless it is left out', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 1, b: 1, a: { x: 1, y: 2 }, list: [{ x: 1, y: 2 }, 3] } as never);
      const one = async (projection: object) => docs.findOne({}, { projection });
      return [
        await one({ a: 1, b: 1 }),
        await one({ 'a.x': 1, _id: 0 }),
        await one({ 'list.y': 0, b: 0 }),
        await one({ list: { $slice: 1 } }),
      ];
    });
    expect(JSON.stringify(found)).toBe(
      '[{"_id":1,"b":1,"a":{"x":1,"y":2}},{"a":{"x":1}},{"_id":1,"a":{"x":1,"y":2},"list":[{"x":1},3]},{"_id":1,"b":1,"a":{"x":1,"y":2},"list":[{"x":1,"y":2}]}]',
    );
  });

  test('skips, limits and reads on in batches', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertMany(Array.from({ length: 25 }, (_, _id) => ({ _id })) as never);
      const ids = await docs
        .find()
        .sort({ _id: -1 })
        .skip(3)
        .limit(12)
        .batchSize(5)
        .map(({ _id }) => _id)
        .toArray();
      return [ids, await docs.countDocuments({ _id: { $gte: 20 } } as never), await docs.estimatedDocumentCount()];
    });
    expect(found).toEqual([[21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10], 5, 25]);
  });

  test('gives distinct values, elements of arrays one by one', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertMany([{ _id: 1, v: [1, 2] }, { _id: 2, v: 2 }, { _id: 3, v: 'x' }, { _id: 4 }] as never);
      return docs.distinct('v');
    });
    expect(found).toEqual([1, 2, 'x']);
  });

  test('keeps 10 MB of binary data as they are', async () => {
    const bytes = Buffer.alloc(10 * 1024 * 1024, 'ab\0\xff', 'latin1');
    const found = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 'f', bytes: new Binary(bytes) } as never);
      const changed = Buffer.from(bytes);
      changed[5] = 0xfe;
      const { modifiedCount } = await docs.updateOne({ _id: 'f' } as never, { $set: { bytes: new Binary(changed) } });
      const kept = (await docs.findOne({ _id: 'f' } as never))?.['bytes'] as Binary;
      return [modifiedCount, Buffer.compare(kept.buffer, changed)];
    });
    expect(found).toEqual([1, 0]);
  });
});

/** Answers that look right at first sight and are not; what is expected is what MongoDB's manual says. */
import type { Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { both, idsOf, updated, useServers } from './servers.ts';

useServers();

async function piped(documents: Document[], pipeline: Document[]): Promise<unknown> {
  return both(async ({ docs }) => {
    if (documents.length > 0) await docs.insertMany(documents as never);
    return docs.aggregate(pipeline).toArray();
  });
}

const fields = (doc: unknown) => Object.keys(doc as Document);

describe('the order of fields', () => {
  test('new ones come by their names, whatever the update says first', async () => {
    expect(fields(await updated({}, { $set: { c: 1, a: 1, b: 1 } }))).toEqual(['a', 'b', 'c']);
    expect(fields(await updated({ z: 1 }, { $set: { b: 1 }, $inc: { a: 1 }, $push: { aa: 1 } }))).toEqual([
      'z',
      'a',
      'aa',
      'b',
    ]);
    expect(fields(((await updated({}, { $set: { 'n.y': 1, 'n.x': 1 } })) as Document)['n'])).toEqual(['x', 'y']);
  });

  test('numbers among them come by their value', async () => {
    expect(await updated({ list: [] }, { $set: { 'list.10': 'b', 'list.9': 'a' } })).toMatchObject({
      list: [...Array(9).fill(null), 'a', 'b'],
    });
  });

  test('of what is there does not change', async () => {
    expect(fields(await updated({ b: 1, a: 1 }, { $set: { a: 2, c: 1, b: 2 } }))).toEqual(['b', 'a', 'c']);
  });

  test('of an upsert: the equalities of the filter, then the update', async () => {
    const answer = await both(async ({ docs }) => {
      await docs.updateOne(
        { _id: 1, z: 1 } as never,
        { $setOnInsert: { c: 1 }, $set: { b: 1, a: 1 } },
        { upsert: true },
      );
      return Object.keys((await docs.findOne({})) as Document);
    });
    expect(answer).toEqual(['_id', 'z', 'a', 'b', 'c']);
  });

  test('$project gives _id, what is kept in the order of the document, then what is computed', async () => {
    const [doc] = (await piped(
      [{ _id: 1, a: 1, b: 2, c: 3 }],
      [{ $project: { sum: { $add: ['$a', '$b'] }, c: 1, a: 1 } }],
    )) as Document[];
    expect(fields(doc)).toEqual(['_id', 'a', 'c', 'sum']);
    const [moved] = (await piped(
      [{ _id: 1, a: { x: 1, _id: 2 } }],
      [{ $replaceWith: '$a' }, { $project: { x: 1, _id: 1 } }],
    )) as Document[];
    expect(fields(moved)).toEqual(['_id', 'x']);
  });

  test('find projects alike', async () => {
    const answer = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 1, a: 1, b: 2 } as never);
      const [doc] = await docs
        .find({})
        .project({ twice: { $multiply: ['$a', 2] }, b: 1 })
        .toArray();
      return [Object.keys(doc as Document), doc];
    });
    expect(answer).toEqual([['_id', 'b', 'twice'], { _id: 1, b: 2, twice: 2 }]);
  });

  test('nested fields of a projection, with and without expressions', async () => {
    const docs = [{ _id: 1, a: { x: 1, y: 2 }, b: [{ x: 1, y: 2 }] }];
    expect(await piped(docs, [{ $project: { a: { y: 1, z: '$a.x' }, 'b.y': 1 } }])).toEqual([
      { _id: 1, a: { y: 2, z: 1 }, b: [{ y: 2 }] },
    ]);
    expect(await piped(docs, [{ $project: { _id: 0, a: { x: 0 }, b: 0 } }])).toEqual([{ a: { y: 2 } }]);
    expect(await piped(docs, [{ $project: { _id: '$a.x' } }])).toEqual([{ _id: 1 }]);
    expect(await piped(docs, [{ $project: { _id: 1 } }])).toEqual([{ _id: 1 }]);
  });
});

describe('of nothing', () => {
  test('there is no count, alone or in a facet', async () => {
    expect(await piped([], [{ $count: 'n' }])).toEqual([]);
    expect(
      await piped(
        [{ _id: 1 }],
        [{ $facet: { none: [{ $match: { _id: 2 } }, { $count: 'n' }], all: [{ $count: 'n' }] } }],
      ),
    ).toEqual([{ none: [], all: [{ n: 1 }] }]);
    expect(await piped([{ _id: 1 }], [{ $match: { _id: 2 } }, { $project: { _id: 1 } }, { $count: 'n' }])).toEqual([]);
  });

  test('there is no group; a missing _id groups with null', async () => {
    expect(await piped([], [{ $group: { _id: null, n: { $sum: 1 } } }])).toEqual([]);
    expect(await piped([{ _id: 1, a: null }, { _id: 2 }], [{ $group: { _id: '$a', n: { $sum: 1 } } }])).toEqual([
      { _id: null, n: 2 },
    ]);
  });
});

describe('$expr', () => {
  const docs = [
    { _id: 1 },
    { _id: 2, v: null },
    { _id: 3, v: 5 },
    { _id: 4, v: '5' },
    { _id: 5, v: [5] },
    { _id: 6, v: true },
  ];

  test.each([
    [{ $eq: ['$v', null] }, [2]],
    [{ $lt: ['$v', null] }, [1]],
    [{ $lte: ['$v', null] }, [1, 2]],
    [{ $gt: ['$v', null] }, [3, 4, 5, 6]],
    [{ $gt: ['$v', 1] }, [3, 4, 5, 6]],
    [{ $lt: ['$v', 1] }, [1, 2]],
    [{ $lt: ['$v', 'a'] }, [1, 2, 3, 4]],
    [{ $gt: ['$v', '4'] }, [4, 5, 6]],
    [{ $ne: ['$v', '$missing'] }, [2, 3, 4, 5, 6]],
    [{ $eq: ['$v', '$missing'] }, [1]],
    [{ $in: ['$v', [null, '5']] }, [2, 4]],
    [{ $eq: [{ $cmp: ['$v', 5] }, -1] }, [1, 2]],
  ])('%j compares across types, and a missing field is less than null', async (expression, ids) => {
    expect(await idsOf(docs, { $expr: expression })).toEqual(ids);
  });

  test('$min and $max choose across types, and pass over what is missing', async () => {
    expect(await piped(docs, [{ $group: { _id: null, least: { $min: '$v' }, most: { $max: '$v' } } }])).toEqual([
      { _id: null, least: 5, most: true },
    ]);
  });
});

describe('$limit and $skip', () => {
  test.each([{ $limit: 0 }, { $limit: -1 }, { $limit: 'x' }, { $skip: -1 }])('%j is refused', async (stage) => {
    const pipelines = [[stage], [{ $project: { _id: 1 } }, stage]];
    for (const pipeline of pipelines)
      expect(
        await both(({ docs }) =>
          docs
            .aggregate(pipeline as Document[])
            .toArray()
            .catch(() => 'refused'),
        ),
      ).toBe('refused');
  });
});

describe('createIndexes', () => {
  test('that fails half-way leaves no index behind', async () => {
    const answer = await both(async ({ docs }) => {
      await docs.insertMany([{ a: 1 }, { a: 1 }] as never);
      const failed = await docs
        .createIndexes([{ key: { b: 1 } }, { key: { a: 1 }, unique: true }, { key: { c: 1 } }])
        .catch(({ code }) => code);
      const names = (await docs.indexes()).map(({ name }) => name);
      await docs.insertMany([{ a: 1, b: 1 }] as never);
      return [failed, names, await docs.countDocuments({ b: 1 })];
    });
    expect(answer).toEqual([11000, ['_id_'], 1]);
  });

  test('of which one is none makes no collection either', async () => {
    const answer = await both(async ({ db, docs }) => {
      const failed = await docs
        .createIndexes([{ key: { b: 1 } }, { key: { a: 'nonsense' as never } }])
        .catch(({ code }) => code);
      return [failed, (await db.listCollections().toArray()).length];
    });
    expect(answer).toEqual([67, 0]);
  });
});

describe('dropIndexes', () => {
  test('of which one is not there drops none', async () => {
    const answer = await both(async ({ db, docs }) => {
      await docs.createIndex({ a: 1 });
      const failed = await db.command({ dropIndexes: 'docs', index: ['a_1', 'b_1'] }).catch(({ code }) => code);
      return [failed, (await docs.indexes()).length];
    });
    expect(answer).toEqual([27, 2]);
  });
});

describe('a name with a dollar', () => {
  test.each(['$key', 'a.$key', '$set'])('%s in $set is refused with 52', async (path) => {
    expect(await updated({ a: {} }, { $set: { [path]: 1 } })).toEqual({ code: 52 });
  });

  test('is a position where it is one, and a reference where it is one', async () => {
    expect(await updated({ list: [1, 2] }, { $set: { 'list.$[]': 3 } })).toEqual({ list: [3, 3] });
    expect(await updated({ a: {} }, { $set: { 'a.$id': 3 } })).toMatchObject({ a: { $id: 3 } });
  });
});

/**
 * The writes of a document that carries its own history and outbox: conditional on a version, many in one bulk, and
 * cut to size afterwards. Each shape is one that the product sends.
 */
import type { Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { both, updated, useServers } from './servers.ts';

useServers();

const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1_000);
const commit = (_id: string, version: number, work: string, set: Document = {}) => ({
  updateOne: {
    filter: { _id, version, applied: { $ne: work } },
    update: {
      $set: { ...set, head: work },
      $inc: { version: 1 },
      $push: {
        applied: { $each: [work], $slice: -3 },
        history: { seq: version + 1, work },
        outbox: { $each: [{ _id: `${_id}:${version + 1}` }] },
      },
      $min: { outboxDueAt: at(version) },
    },
  },
});
const first = (_id: string) => ({ _id, version: 1, applied: ['w1'], history: [{ seq: 1, work: 'w1' }], outbox: [] });

describe('a bulk of conditional writes', () => {
  test('changes those that are at their version, and tells how many', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertMany([first('a'), first('b'), { ...first('c'), version: 2 }] as never);
      const writes = [commit('a', 1, 'w2'), commit('b', 1, 'w1'), commit('c', 1, 'w2'), commit('gone', 1, 'w2')];
      const { matchedCount, modifiedCount, upsertedCount } = await docs.bulkWrite(writes as never, { ordered: false });
      const versions = await docs.find().sort({ _id: 1 }).project({ version: 1, head: 1 }).toArray();
      return { matchedCount, modifiedCount, upsertedCount, versions };
    });
    expect(found).toEqual({
      matchedCount: 1,
      modifiedCount: 1,
      upsertedCount: 0,
      versions: [
        { _id: 'a', version: 2, head: 'w2' },
        { _id: 'b', version: 1 },
        { _id: 'c', version: 2 },
      ],
    });
  });

  test('lets the second of two on one version find nothing', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne(first('a') as never);
      const writes = [
        commit('a', 1, 'w2', { by: 1 }),
        commit('a', 1, 'w3', { by: 2 }),
        commit('a', 2, 'w4', { by: 3 }),
      ];
      const { matchedCount } = await docs.bulkWrite(writes as never, { ordered: false });
      return [matchedCount, await docs.findOne()];
    });
    expect(found).toEqual([
      2,
      {
        _id: 'a',
        version: 3,
        applied: ['w1', 'w2', 'w4'],
        history: [1, 2, 3].map((seq) => ({ seq, work: ['', 'w1', 'w2', 'w4'][seq] })),
        outbox: [{ _id: 'a:2' }, { _id: 'a:3' }],
        by: 3,
        head: 'w4',
        outboxDueAt: at(1),
      },
    ]);
  });

  test('goes past a refusal when it is unordered, and stops at it when it is ordered', async () => {
    const run = (ordered: boolean) =>
      both(async ({ docs }) => {
        await docs.insertMany([
          { _id: 1, n: 'text' },
          { _id: 2, n: 1 },
        ] as never);
        const add = (_id: number) => ({ updateOne: { filter: { _id }, update: { $inc: { n: 1 } } } });
        const error = await docs.bulkWrite([add(1), add(2)] as never, { ordered }).catch((one) => one);
        const errors = [error.writeErrors].flat().map(({ index, code }: Document) => ({ index, code }));
        return [error.code, errors, error.result.matchedCount, (await docs.findOne({ _id: 2 } as never))?.['n']];
      });
    expect(await run(false)).toEqual([14, [{ index: 0, code: 14 }], 1, 2]);
    expect(await run(true)).toEqual([14, [{ index: 0, code: 14 }], 0, 1]);
  });
});

describe('what a commit does to a field', () => {
  test.each<[string, Document, Document, Document]>([
    [
      '$slice keeps the newest',
      { a: ['1', '2', '3'] },
      { $push: { a: { $each: ['4'], $slice: -3 } } },
      { a: ['2', '3', '4'] },
    ],
    [
      '$slice of less than there is room for',
      { a: ['1'] },
      { $push: { a: { $each: ['2'], $slice: -3 } } },
      { a: ['1', '2'] },
    ],
    ['$slice on nothing yet', {}, { $push: { a: { $each: ['1', '2'], $slice: -1 } } }, { a: ['2'] }],
    ['$slice to nothing', { a: ['1'] }, { $push: { a: { $each: ['2'], $slice: 0 } } }, { a: [] }],
    ['$push of each of none', { a: ['1'] }, { $push: { a: { $each: [] } } }, { a: ['1'] }],
    ['$push of each of none on nothing', {}, { $push: { a: { $each: [] } } }, { a: [] }],
    ['$push of an array as one', { a: [1] }, { $push: { a: [2, 3] } }, { a: [1, [2, 3]] }],
    ['$inc on nothing', {}, { $inc: { version: 1 } }, { version: 1 }],
    ['$min keeps the earlier date', { d: at(1) }, { $min: { d: at(2) } }, { d: at(1) }],
    ['$min takes the earlier date', { d: at(2) }, { $min: { d: at(1) } }, { d: at(1) }],
    ['$min on nothing', {}, { $min: { d: at(1) } }, { d: at(1) }],
    ['$min against null, which is less', { d: null }, { $min: { d: at(1) } }, { d: null }],
    ['$max against null, which is less', { d: null }, { $max: { d: at(1) } }, { d: at(1) }],
    ['$max of a number on a date, which is more', { d: at(1) }, { $max: { d: 9 } }, { d: at(1) }],
    ['$max keeps the higher', { exported: 5 }, { $max: { exported: 3 } }, { exported: 5 }],
    ['$set of a sub-document as a whole', { s: { a: 1, b: 2 } }, { $set: { s: { c: 3 } } }, { s: { c: 3 } }],
    ['$set of one field of a sub-document', { s: { a: 1 } }, { $set: { 's.b': 2 } }, { s: { a: 1, b: 2 } }],
    [
      '$set to an empty array and an empty document',
      { a: [1], s: { a: 1 } },
      { $set: { a: [], s: {} } },
      { a: [], s: {} },
    ],
    ['$unset of what is not there', { a: 1 }, { $unset: { outboxDueAt: 1 } }, { a: 1 }],
    ['$unset of an element, which leaves null', { a: [1, 2] }, { $unset: { 'a.0': 1 } }, { a: [null, 2] }],
  ])('%s', async (_, before, update, expected) => {
    expect(await updated(before, update)).toEqual(expected);
  });

  test.each<[string, Document, Document]>([
    [
      'by ids',
      { outbox: { _id: { $in: ['x', 'z'] } } },
      { outbox: [{ _id: 'y', n: 5 }], history: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] },
    ],
    [
      'by a range in sub-documents',
      { history: { seq: { $lte: 2 } } },
      { outbox: [{ _id: 'x' }, { _id: 'y', n: 5 }, { _id: 'z' }], history: [{ seq: 3 }] },
    ],
    [
      'both at once',
      { outbox: { _id: { $in: ['x'] } }, history: { seq: { $lte: 1 } } },
      { outbox: [{ _id: 'y', n: 5 }, { _id: 'z' }], history: [{ seq: 2 }, { seq: 3 }] },
    ],
    [
      'by two conditions on one element',
      { outbox: { _id: 'y', n: { $gt: 5 } } },
      { outbox: [{ _id: 'x' }, { _id: 'y', n: 5 }, { _id: 'z' }], history: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] },
    ],
    [
      'by the lack of a field',
      { outbox: { n: { $exists: false } } },
      { outbox: [{ _id: 'y', n: 5 }], history: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] },
    ],
    [
      'by any of two',
      { outbox: { $or: [{ _id: 'x' }, { n: 5 }] } },
      { outbox: [{ _id: 'z' }], history: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] },
    ],
    [
      'by nothing that is there',
      { outbox: { _id: { $in: [] } }, gone: { a: 1 } },
      { outbox: [{ _id: 'x' }, { _id: 'y', n: 5 }, { _id: 'z' }], history: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] },
    ],
  ])('$pull takes out %s', async (_, $pull, expected) => {
    const before = {
      outbox: [{ _id: 'x' }, { _id: 'y', n: 5 }, { _id: 'z' }],
      history: [{ seq: 1 }, { seq: 2 }, { seq: 3 }],
    };
    expect(await updated(before, { $pull })).toEqual(expected);
  });

  test('empties the outbox at the version that was read, and only there', async () => {
    const emptied = (_id: string, version: number) => ({
      updateOne: {
        filter: { _id, version },
        update: {
          $set: { outbox: [], exported: version },
          $unset: { outboxDueAt: 1 },
          $pull: { history: { seq: { $lte: version - 1 } } },
        },
      },
    });
    const pulled = (_id: string, version: number, ids: string[]) => ({
      updateOne: {
        filter: { _id },
        update: { $pull: { outbox: { _id: { $in: ids } } }, $max: { exported: version } },
      },
    });
    const found = await both(async ({ docs }) => {
      const one = { outbox: [{ _id: 'e1' }], outboxDueAt: at(1), history: [{ seq: 1 }, { seq: 2 }], exported: 0 };
      const later = { ...one, outbox: [{ _id: 'e1' }, { _id: 'e2' }] };
      await docs.insertMany([
        { _id: 'a', version: 2, ...one },
        { _id: 'b', version: 3, ...later },
      ] as never);
      const { matchedCount } = await docs.bulkWrite([emptied('a', 2), emptied('b', 2)] as never, { ordered: false });
      await docs.bulkWrite([pulled('a', 2, ['e1']), pulled('b', 2, ['e1'])] as never, { ordered: false });
      return [matchedCount, await docs.find().sort({ _id: 1 }).toArray()];
    });
    expect(found).toEqual([
      1,
      [
        { _id: 'a', version: 2, outbox: [], history: [{ seq: 2 }], exported: 2 },
        {
          _id: 'b',
          version: 3,
          outbox: [{ _id: 'e2' }],
          outboxDueAt: at(1),
          history: [{ seq: 1 }, { seq: 2 }],
          exported: 2,
        },
      ],
    ]);
  });

  test('marks each document once, whatever is marked already', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertMany([{ _id: 'a' }, { _id: 'b', fences: ['f1'] }, { _id: 'c', fences: ['f0'] }] as never);
      const mark = { $push: { fences: { $each: ['f1'], $slice: -2 } } };
      const { modifiedCount } = await docs.updateMany(
        { _id: { $in: ['a', 'b', 'c'] }, fences: { $ne: 'f1' } } as never,
        mark as never,
      );
      return [modifiedCount, await docs.find().sort({ _id: 1 }).toArray()];
    });
    expect(found).toEqual([
      2,
      [
        { _id: 'a', fences: ['f1'] },
        { _id: 'b', fences: ['f1'] },
        { _id: 'c', fences: ['f0', 'f1'] },
      ],
    ]);
  });
});

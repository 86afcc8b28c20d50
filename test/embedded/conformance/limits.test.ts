/** What would take for ever, or all the memory: it is refused, left when its time is up, or answered in time. */
import type { Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { both, type Subject, useServers } from './servers.ts';

useServers();

/** Nobody else is held up afterwards. */
async function goesOn({ db }: Subject): Promise<unknown> {
  return (await db.command({ ping: 1 }))['ok'];
}

const loop = (of: unknown) => ({ $reduce: { input: { $range: [0, 1_000_000] }, initialValue: 0, in: of } });
const endless = loop({ $add: ['$$value', loop({ $add: ['$$value', 1] })] });

async function limited(run: (subject: Subject) => Promise<unknown>): Promise<unknown> {
  return both(async (subject) => {
    await subject.docs.insertMany(
      Array.from({ length: 10 }, (_, _id) => ({ _id, n: _id, text: 'a'.repeat(60) })) as never,
    );
    const code = await run(subject).catch(({ code }) => code);
    return [code, await goesOn(subject)];
  });
}

describe('maxTimeMS', () => {
  const few = { maxTimeMS: 60 };
  test.each<[string, (subject: Subject) => Promise<unknown>]>([
    ['aggregate', ({ docs }) => docs.aggregate([{ $project: { endless } }], few).toArray()],
    ['a find by $expr', ({ docs }) => docs.find({ $expr: { $gt: [endless, 0] } }, few).toArray()],
    ['a find by a computed field', ({ docs }) => docs.find({}, { ...few, projection: { endless } }).toArray()],
    ['count', ({ db }) => db.command({ count: 'docs', query: { $expr: endless }, ...few })],
    ['distinct', ({ db }) => db.command({ distinct: 'docs', key: 'n', query: { $expr: endless }, ...few })],
    ['update', ({ db }) => db.command({ update: 'docs', updates: [{ q: {}, u: [{ $set: { endless } }] }], ...few })],
    ['delete', ({ db }) => db.command({ delete: 'docs', deletes: [{ q: { $expr: endless }, limit: 0 }], ...few })],
    [
      'findAndModify',
      ({ db }) => db.command({ findAndModify: 'docs', query: { $expr: endless }, remove: true, ...few }),
    ],
    ['a facet', ({ docs }) => docs.aggregate([{ $facet: { a: [{ $addFields: { endless } }] } }], few).toArray()],
    [
      'a product of lists',
      ({ docs }) =>
        docs
          .aggregate(
            [
              { $set: { list: { $range: [0, 100_000] } } },
              ...Array.from({ length: 6 }, () => [
                { $unwind: '$list' },
                { $set: { list: { $range: [0, 100] } } },
              ]).flat(),
              { $count: 'n' },
            ],
            few,
          )
          .toArray(),
    ],
  ])('ends %s with 50', async (_, run) => {
    expect(await limited(run)).toEqual([50, 1]);
  });

  test('changes nothing where there is time', async () => {
    expect(await limited(({ docs }) => docs.countDocuments({}, { maxTimeMS: 5_000 }))).toEqual([10, 1]);
  });

  test('may not be negative', async () => {
    expect(await limited(({ db }) => db.command({ count: 'docs', query: {}, maxTimeMS: -1 }))).toEqual([2, 1]);
  });

  test('of a cursor counts for all that is read from it', async () => {
    const slow = { $expr: { $gte: [loop({ $add: ['$$value', 1] }), 0] } };
    expect(
      await limited(({ docs }) =>
        docs
          .find(slow, { maxTimeMS: 1_000, batchSize: 1 })
          .toArray()
          .then(() => 'read'),
      ),
    ).toEqual([expect.toSatisfy((answer) => answer === 50 || answer === 'read'), 1]);
  });
});

describe('a range', () => {
  test.each([
    [[0, 2_147_483_647], 146],
    [[0, 2_147_483_648], 34446],
    [[0, 10, 0], 34449],
    [[2_147_483_648, 10], 34444],
  ])('%j is refused', async (range, code) => {
    expect(await limited(({ docs }) => docs.aggregate([{ $project: { r: { $range: range } } }]).toArray())).toEqual([
      code,
      1,
    ]);
  });

  test('that is reasonable is answered', async () => {
    const lists = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 1 } as never);
      const ranges = { up: { $range: [0, 3] }, down: { $range: [3, 0, -2] }, none: { $range: [3, 0] } };
      return docs.aggregate([{ $project: { ...ranges } }]).toArray();
    });
    expect(lists).toEqual([{ _id: 1, up: [0, 1, 2], down: [3, 1], none: [] }]);
  });
});

describe('a regular expression', () => {
  const find = (filter: Document) => (subject: Subject) => subject.docs.countDocuments(filter);

  test.each<[string, Document]>([
    ['$regex', { text: { $regex: '^(a+)+$x' } }],
    ['one as BSON', { text: /^(a|aa)+$x/ }],
    ['$in', { text: { $in: [/^(a+)+b$/] } }],
    ['$not', { $nor: [{ text: { $not: /^(a*)*b$/ } }] }],
    ['case', { text: { $regex: '^(A+)+b$', $options: 'i' } }],
  ])('in %s that would branch for years finds nothing, at once', async (_, filter) => {
    expect(await limited(find(filter))).toEqual([0, 1]);
  });

  test('finds what it says', async () => {
    expect(await limited(find({ text: { $regex: '^(a+)+$' } }))).toEqual([10, 1]);
    expect(await limited(find({ text: { $regex: 'A{3}', $options: 'i' } }))).toEqual([10, 1]);
    expect(await limited(find({ text: /^(?:b|a)+$/ }))).toEqual([10, 1]);
    expect(await limited(find({ text: { $regex: '(?i)^A+$' } }))).toEqual([10, 1]);
  });

  test('that is none is refused', async () => {
    expect(await limited(find({ text: { $regex: '(a' } }))).toEqual([51091, 1]);
  });
});

describe('what grows at each step', () => {
  test('is refused before it fills the memory', async () => {
    const double = (operator: string, initialValue: unknown) => ({
      $reduce: { input: { $range: [0, 60] }, initialValue, in: { [operator]: ['$$value', '$$value'] } },
    });
    const doubled = (of: Document) => (subject: Subject) =>
      subject.docs
        .aggregate([{ $project: { n: { $size: of } } }])
        .toArray()
        .catch(() => 'refused');
    expect(await limited(doubled(double('$concatArrays', [1])))).toEqual(['refused', 1]);
    expect(await limited(doubled({ $split: [double('$concat', 'x'), 'y'] }))).toEqual(['refused', 1]);
  });

  test('an array far beyond its end is refused', async () => {
    const set = ({ docs }: Subject) => docs.updateOne({}, { $set: { list: [1] } });
    const far = (subject: Subject) =>
      set(subject).then(() => subject.docs.updateOne({}, { $set: { 'list.2000000000': 1 } }));
    expect(await limited((subject) => far(subject).catch(() => 'refused'))).toEqual(['refused', 1]);
  });
});

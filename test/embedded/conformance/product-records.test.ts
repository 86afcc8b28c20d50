/**
 * Records that are written whole, inserted once or changed in place, and what an error says about duplicates.
 */
import type { Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { both, useServers } from './servers.ts';

useServers();

const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1_000);

describe('a record', () => {
  test('is put whole, over whatever was there', async () => {
    const found = await both(async ({ docs }) => {
      const put = (rest: Document) =>
        docs.replaceOne({ _id: 'a' } as never, rest as never, { upsert: true, ignoreUndefined: true });
      const first = await put({ name: 'A', words: { greeting: 'Hi' }, gone: undefined });
      const second = await put({ name: 'B', colour: null, tags: [] });
      const third = await put({ name: 'B', colour: null, tags: [] });
      const counts = [first, second, third].map(({ upsertedId, matchedCount, modifiedCount }) => ({
        ...{ upsertedId, matchedCount, modifiedCount },
      }));
      return [counts, await docs.find().toArray()];
    });
    expect(found).toEqual([
      [
        { upsertedId: 'a', matchedCount: 0, modifiedCount: 0 },
        { upsertedId: null, matchedCount: 1, modifiedCount: 1 },
        { upsertedId: null, matchedCount: 1, modifiedCount: 0 },
      ],
      [{ _id: 'a', name: 'B', colour: null, tags: [] }],
    ]);
  });

  test('is replaced only where what is there is older', async () => {
    const replace = (_id: string, version: number, older: Document) => ({
      replaceOne: { filter: { _id, version: older }, replacement: { version, new: true } },
    });
    const found = await both(async ({ docs }) => {
      await docs.insertMany([
        { _id: 'a', version: 1, old: 1 },
        { _id: 'b', version: 3 },
        { _id: 'c', version: 2 },
      ] as never);
      const writes = [
        replace('a', 2, { $lt: 2 }),
        replace('b', 2, { $lt: 2 }),
        replace('c', 2, { $lte: 2 }),
        { insertOne: { document: { _id: 'd', version: 1 } } },
      ];
      const { matchedCount, insertedCount } = await docs.bulkWrite(writes as never, { ordered: false });
      const { deletedCount } = await docs.deleteMany({ _id: { $nin: ['a', 'b'] }, version: { $lte: 1 } } as never);
      return [matchedCount, insertedCount, deletedCount, await docs.find().sort({ _id: 1 }).toArray()];
    });
    expect(found).toEqual([
      2,
      1,
      1,
      [
        { _id: 'a', version: 2, new: true },
        { _id: 'b', version: 3 },
        { _id: 'c', version: 2, new: true },
      ],
    ]);
  });

  test('is made by the first change that it needs', async () => {
    const found = await both(async ({ docs }) => {
      const filter = { _id: 'v' } as never;
      const options = { upsert: true, returnDocument: 'after' } as const;
      const first = await docs.findOneAndUpdate(filter, { $inc: { failures: 1 } } as never, options);
      const second = await docs.findOneAndUpdate(filter, { $inc: { failures: 1 } } as never, options);
      const max = async (n: number) =>
        (await docs.updateOne({ _id: 'w' } as never, { $max: { closedUntil: at(n) } }, { upsert: true })).upsertedCount;
      const upserted = [await max(2), await max(1), await max(3)];
      await docs.updateOne(filter, { $set: { failures: 0 }, $unset: { closedUntil: 1 } });
      return [first, second, upserted, await docs.find().sort({ _id: 1 }).toArray()];
    });
    expect(found).toEqual([
      { _id: 'v', failures: 1 },
      { _id: 'v', failures: 2 },
      [1, 0, 0],
      [
        { _id: 'v', failures: 0 },
        { _id: 'w', closedUntil: at(3) },
      ],
    ]);
  });

  test('is taken by one of those whose turn it may be', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ vendor: 1, until: 1 });
      await docs.insertMany([
        { _id: 'v-0', vendor: 'v', number: 0, until: at(9) },
        { _id: 'v-1', vendor: 'v', number: 1, until: at(1) },
        { _id: 'v-2', vendor: 'v', number: 2, until: at(1) },
      ] as never);
      const free = { vendor: 'v', number: { $lt: 2 }, until: { $lte: at(5) } };
      const take = () => docs.findOneAndUpdate(free, { $set: { until: at(20) } }, { returnDocument: 'after' });
      return [await take(), await take(), await docs.countDocuments({ vendor: 'v' })];
    });
    expect(found).toEqual([{ _id: 'v-1', vendor: 'v', number: 1, until: at(20) }, null, 3]);
  });

  test.each<[string, Document, number]>([
    ['where the date is the one that was seen', { closedUntil: at(1) }, 1],
    ['not where it is a millisecond later', { closedUntil: new Date(at(1).getTime() + 1) }, 0],
    ['not where a number says the same', { closedUntil: at(1).getTime() }, 0],
    ['where a field is not there', { revokedAt: { $exists: false } }, 1],
    ['where it is in one of several states', { state: { $in: ['sending', 'unknown'] } }, 1],
  ])('is changed %s', async (_, condition, matched) => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 1, closedUntil: at(1), state: 'sending' } as never);
      return (await docs.updateOne({ _id: 1, ...condition } as never, { $set: { seen: true } })).matchedCount;
    });
    expect(found).toBe(matched);
  });
});

describe('a duplicate', () => {
  test('is told by its key in one insert', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ tokenHash: 1 }, { unique: true });
      await docs.insertOne({ _id: 'a', tokenHash: 't' } as never);
      const said = async (document: Document) =>
        docs.insertOne(document as never).catch(({ code, keyPattern, keyValue, message }) => {
          return { code, keyPattern, keyValue, index: /index: (\S+)/.exec(message)?.[1] };
        });
      return [await said({ _id: 'a', tokenHash: 'u' }), await said({ _id: 'b', tokenHash: 't' })];
    });
    expect(found).toEqual([
      { code: 11000, keyPattern: { _id: 1 }, keyValue: { _id: 'a' }, index: '_id_' },
      { code: 11000, keyPattern: { tokenHash: 1 }, keyValue: { tokenHash: 't' }, index: 'tokenHash_1' },
    ]);
  });

  test('is told one by one in an unordered insert of many, and the rest are in', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ stream: 1, seq: 1 }, { unique: true });
      await docs.insertMany([{ _id: 's:1', stream: 's', seq: 1 }] as never);
      const many = [
        { _id: 's:1', stream: 's', seq: 1 },
        { _id: 's:2', stream: 's', seq: 2 },
        { _id: 'other', stream: 's', seq: 1 },
        { _id: 's:3', stream: 's', seq: 3 },
      ];
      const error = await docs.insertMany(many as never, { ordered: false }).catch((one) => one);
      const errors = error.writeErrors.map(({ index, code, errmsg }: Document) => ({
        ...{ index, code, key: /index: (\S+)/.exec(errmsg)?.[1] },
      }));
      return [error.name, error.code, error.insertedCount, errors, await docs.countDocuments()];
    });
    const errors = [
      { index: 0, code: 11000, key: '_id_' },
      { index: 2, code: 11000, key: 'stream_1_seq_1' },
    ];
    expect(found).toEqual(['MongoBulkWriteError', 11000, 2, errors, 3]);
  });

  test('of one active document is refused by a partial index, and free again afterwards', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ agency: 1, active: 1 }, { unique: true, partialFilterExpression: { active: true } });
      const add = (_id: string, active?: boolean) =>
        docs.insertOne({ _id, agency: 'a', ...(active !== undefined && { active }) } as never).then(
          () => 'in',
          ({ code }) => code,
        );
      const before = [
        await add('1', true),
        await add('2', true),
        await add('3', false),
        await add('4', false),
        await add('5'),
      ];
      await docs.updateOne({ _id: '1' } as never, { $unset: { active: 1 } });
      const after = await add('6', true);
      const back = await docs.updateOne({ _id: '1' } as never, { $set: { active: true } }).catch(({ code }) => code);
      return [before, after, back];
    });
    expect(found).toEqual([['in', 11000, 'in', 'in', 'in'], 'in', 11000]);
  });
});

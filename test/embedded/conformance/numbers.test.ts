/** Numbers of MongoDB's four types: what an update makes of them, how they compare, and that they stay what they are. */
import { Decimal128, Double, Int32, Long } from 'bson';
import type { Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { both, useServers } from './servers.ts';

useServers();

const decimal = (text: string) => Decimal128.fromString(text);
const types = ['int', 'long', 'double', 'decimal'];

/** The number that an update leaves, as text, and the type it has. */
const changed = (before: unknown, update: Document) =>
  both(async ({ docs }) => {
    await docs.insertOne({ _id: 1, ...(before !== undefined && { n: before }) } as never);
    await docs.updateOne({ _id: 1 } as never, update);
    const ofType = types.map(($type) => docs.countDocuments({ n: { $type } } as never));
    const counts = await Promise.all(ofType);
    const raw = await docs.findOne({}, { promoteValues: false });
    return [String(raw?.['n']), types[counts.indexOf(1)]];
  });

describe('a number', () => {
  test.each<[string, unknown, unknown, unknown]>([
    ['of int by int', 1, { $inc: { n: 2 } }, ['3', 'int']],
    ['of int beyond its end', 2_147_483_647, { $inc: { n: 1 } }, ['2147483648', 'long']],
    ['of int by double', 1, { $inc: { n: 0.5 } }, ['1.5', 'double']],
    ['of a half and a half', 0.5, { $inc: { n: 0.5 } }, ['1', 'double']],
    ['of a whole double by int', new Double(2), { $inc: { n: 1 } }, ['3', 'double']],
    ['of int by a whole double', 2, { $inc: { n: new Double(1) } }, ['3', 'double']],
    ['of long by int', Long.fromNumber(5), { $inc: { n: 1 } }, ['6', 'long']],
    ['of long beyond 2^53', Long.fromString('9007199254740993'), { $inc: { n: 2 } }, ['9007199254740995', 'long']],
    ['of nothing by decimal', undefined, { $inc: { n: decimal('1.5') } }, ['1.5', 'decimal']],
    ['by a product of nothing', undefined, { $mul: { n: Long.fromNumber(2) } }, ['0', 'long']],
    ['by a product of long', Long.fromNumber(3), { $mul: { n: 2 } }, ['6', 'long']],
    ['by the greater of two types', 2, { $max: { n: decimal('2.5') } }, ['2.5', 'decimal']],
    ['by the lesser of two types', decimal('2.5'), { $min: { n: 2 } }, ['2', 'int']],
    ['not by the greater of two that are equal', decimal('2.0'), { $max: { n: 2 } }, ['2.0', 'decimal']],
    ['by setting a whole double', 1, { $set: { n: new Double(4) } }, ['4', 'double']],
    ['by setting a long', 1, { $set: { n: Long.fromNumber(4) } }, ['4', 'long']],
    ['not, when another field is', new Double(3), { $set: { other: 1 } }, ['3', 'double']],
    ['not, when another field is, deep down', Long.fromNumber(7), { $push: { list: { a: [1] } } }, ['7', 'long']],
  ])('changes its value and type: %s', async (_, before, update, expected) => {
    expect(await changed(before, update as Document)).toEqual(expected);
  });

  test('keeps its type whichever command brings it', async () => {
    const found = await both(async ({ docs }) => {
      const upsert = { upsert: true, returnDocument: 'after' } as const;
      await docs.insertOne({ _id: 1, n: new Double(1) } as never);
      await docs.insertOne({ n: new Double(1), _id: 6 } as never);
      await docs.insertMany([{ _id: 2, n: new Double(1) }] as never);
      await docs.bulkWrite([
        { replaceOne: { filter: { _id: 3 }, replacement: { n: new Double(1) }, upsert: true } },
      ] as never);
      await docs.findOneAndUpdate({ _id: 4 } as never, { $set: { n: new Double(1) } }, upsert);
      await docs.findOneAndReplace({ _id: 5 } as never, { n: new Double(1) }, upsert);
      return docs.countDocuments({ n: { $type: 'double' } });
    });
    expect(found).toBe(6);
  });

  test('beyond the last long is refused', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne({ _id: 1, n: Long.MAX_VALUE } as never);
      return docs.updateOne({ _id: 1 } as never, { $inc: { n: 1 } });
    });
    expect(found).toEqual({ code: 2 });
  });

  const NUMBERS = [1, new Double(1), Long.fromNumber(1), decimal('1.0'), 1.5, decimal('1.5'), '1', null];
  test.each<[string, unknown, number[]]>([
    ['equality', 1, [0, 1, 2, 3]],
    ['equality with a decimal', decimal('1'), [0, 1, 2, 3]],
    ['one of several', { $in: [Long.fromNumber(1), 9] }, [0, 1, 2, 3]],
    ['a range', { $gt: decimal('1') }, [4, 5]],
    ['int', { $type: 'int' }, [0]],
    ['double', { $type: 'double' }, [1, 4]],
    ['long', { $type: 'long' }, [2]],
    ['decimal', { $type: 'decimal' }, [3, 5]],
    ['two types', { $type: ['double', 'int'] }, [0, 1, 4]],
    ['not a type', { $not: { $type: 'double' } }, [0, 2, 3, 5, 6, 7]],
  ])('is found by %s, with an index and without', async (_, n, ids) => {
    const found = await both(async ({ docs }) => {
      await docs.insertMany(NUMBERS.map((one, _id) => ({ _id, n: one })) as never);
      const find = async () =>
        (
          await docs
            .find({ n } as never)
            .sort({ _id: 1 })
            .toArray()
        ).map(({ _id }) => _id);
      const scanned = await find();
      await docs.createIndex({ n: 1 });
      return [scanned, await find()];
    });
    expect(found).toEqual([ids, ids]);
  });

  test('keeps its type beside every other type, in lists and sub-documents', async () => {
    const found = await both(async ({ docs }) => {
      const rest = {
        s: 'text',
        l: [new Double(1), [Long.fromNumber(2)], { d: new Double(3) }],
        t: new Date(5),
        z: null,
      };
      await docs.insertOne({
        _id: 1,
        re: /a/i,
        i: new Int32(1),
        ...rest,
        b: Buffer.from('x'),
        deep: { list: [] },
      } as never);
      await docs.updateOne({ _id: 1 } as never, { $set: { s: 'other' }, $push: { 'deep.list': 1 } } as never);
      const kinds = ['l.0', 'l.1.0', 'l.2.d', 'i', 're', 'b'].map((path, i) => {
        const $type = ['double', 'long', 'double', 'int', 'regex', 'binData'][i];
        return docs.countDocuments({ [path]: { $type } } as never);
      });
      return Promise.all(kinds);
    });
    expect(found).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

/** What is counted and grouped: by account, by cause, by person; where a field is null or missing, too. */
import { describe, expect, test } from 'vitest';
import { both, useServers } from './servers.ts';
import { at, withItems } from './work-items.ts';

useServers();

describe('what is counted', () => {
  test('by account, null and missing as one', async () => {
    const found = await both(async (subject) => {
      const docs = await withItems(subject);
      const pipeline = [
        { $match: { state: 'open', phase: 'ready' } },
        { $group: { _id: '$account', count: { $sum: 1 } } },
      ];
      return (await docs.aggregate(pipeline).toArray()).sort((a, b) =>
        String(a['_id']).localeCompare(String(b['_id'])),
      );
    });
    expect(found).toEqual([
      { _id: null, count: 2 },
      { _id: 'x', count: 2 },
    ]);
  });

  test('by several fields, with the oldest: a missing field is left out of the key', async () => {
    const found = await both(async (subject) => {
      const docs = await withItems(subject);
      const _id = { queue: '$queue', kind: '$kind', phase: '$phase' };
      const group = { $group: { _id, count: { $sum: 1 }, oldest: { $min: '$runAt' } } };
      return docs.aggregate([{ $match: { state: 'open' } }, group, { $sort: { _id: 1 } }]).toArray();
    });
    expect(found).toEqual([
      { _id: { queue: 'q', kind: 'k', phase: 'ready' }, count: 2, oldest: at(1) },
      { _id: { queue: 'q', phase: 'nudged' }, count: 1, oldest: at(9) },
      { _id: { queue: 'q', phase: 'waiting' }, count: 1, oldest: at(5) },
      { _id: { queue: 'r', kind: 'l', phase: 'ready' }, count: 2, oldest: at(2) },
    ]);
  });

  test('by cause, with the first, the last and the orders that wait', async () => {
    const dead = (_id: number, fingerprint: string, settledAt: Date, order: unknown, message: string) => ({
      ...{ _id, state: 'dead', queue: 'q', settledAt, failure: { fingerprint, message } },
      ...(order !== undefined && { order }),
    });
    const found = await both(async ({ docs }) => {
      await docs.insertMany([
        dead(1, 'f', at(3), 'o1', 'newest'),
        dead(2, 'f', at(1), 'o1', 'oldest'),
        dead(3, 'f', at(2), undefined, 'middle'),
        dead(4, 'g', at(1), null, 'one'),
        { _id: 5, state: 'dead', settledAt: at(1) },
      ] as never);
      const group = {
        _id: '$failure.fingerprint',
        message: { $last: '$failure.message' },
        count: { $sum: 1 },
        first: { $first: '$settledAt' },
        last: { $last: '$settledAt' },
        orders: { $addToSet: '$order' },
      };
      const pipeline = [
        { $match: { state: 'dead' } },
        { $sort: { settledAt: 1 } },
        { $group: group },
        { $sort: { count: -1, _id: 1 } },
        { $limit: 10 },
      ];
      return docs.aggregate(pipeline).toArray();
    });
    expect(found).toEqual([
      { _id: 'f', message: 'newest', count: 3, first: at(1), last: at(3), orders: ['o1'] },
      { _id: null, message: null, count: 1, first: at(1), last: at(1), orders: [] },
      { _id: 'g', message: 'one', count: 1, first: at(1), last: at(1), orders: [null] },
    ]);
  });

  test('per element, an empty or missing array counting for nothing', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertMany([
        {
          _id: 1,
          load: [
            { staff: 's', stages: 2 },
            { staff: 't', stages: 1 },
          ],
        },
        { _id: 2, load: [{ staff: 's', stages: 3 }] },
        { _id: 3, load: [] },
        { _id: 4, load: null },
        { _id: 5 },
      ] as never);
      await docs.createIndex({ 'load.staff': 1 }, { sparse: true });
      const pipeline = [
        { $match: { 'load.staff': { $gt: '' } } },
        { $project: { load: '$load' } },
        { $unwind: '$load' },
        { $group: { _id: '$load.staff', orders: { $sum: 1 }, stages: { $sum: '$load.stages' } } },
        { $sort: { orders: -1, _id: 1 } },
        { $limit: 5 },
      ];
      return [
        await docs.aggregate(pipeline).toArray(),
        await docs.aggregate([{ $unwind: '$load' }, { $count: 'n' }]).toArray(),
      ];
    });
    expect(found).toEqual([
      [
        { _id: 's', orders: 2, stages: 5 },
        { _id: 't', orders: 1, stages: 1 },
      ],
      [{ n: 3 }],
    ]);
  });
});

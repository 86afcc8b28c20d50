/**
 * A queue of work items in one collection: claimed, put off, woken, settled and buried by conditional writes, along
 * partial indexes over what is open.
 */
import type { Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { both, indexOf, useServers } from './servers.ts';
import { at, withItems } from './work-items.ts';

useServers();

describe('a queue of items', () => {
  test.each<[string, Document, Document, string[]]>([
    [
      'by account, what is due first',
      { state: 'open', queue: 'q', phase: 'ready', account: 'x' },
      { dueAt: 1 },
      ['b', 'a'],
    ],
    [
      'after an account',
      { state: 'open', queue: 'q', phase: 'ready', account: { $gt: '' } },
      { account: 1, dueAt: 1 },
      ['b', 'a'],
    ],
    [
      'after the last account',
      { state: 'open', queue: 'q', phase: 'ready', account: { $gt: 'x' } },
      { account: 1 },
      [],
    ],
    [
      'after no account, which leaves out null and missing',
      { state: 'open', queue: 'r', account: { $gt: '' } },
      { account: 1 },
      [],
    ],
    [
      'of no account, null or missing',
      { state: 'open', queue: 'r', phase: 'ready', account: null },
      { _id: 1 },
      ['f', 'g'],
    ],
    ['that have expired', { state: 'open', phase: 'nudged', dueAt: { $lte: at(2) } }, { dueAt: 1 }, ['c']],
    ['that expire later', { state: 'open', phase: 'nudged', dueAt: { $lt: at(2) } }, { dueAt: 1 }, []],
    [
      'that nobody takes',
      { state: 'open', queue: { $in: ['q', 'r'] }, phase: 'nudged', probes: { $gte: 3 } },
      {},
      ['c'],
    ],
    ['of some that are open no more', { _id: { $in: ['a', 'e', 'nobody'] }, state: { $ne: 'open' } }, {}, ['e']],
    [
      'of either kind of being soon',
      { state: 'open', $or: [{ phase: { $in: ['nudged'] } }, { phase: 'waiting', runAt: { $lte: at(5) } }] },
      { _id: 1 },
      ['c', 'd'],
    ],
  ])('finds them %s', async (_, filter, sort, ids) => {
    const found = await both(async (subject) => {
      const docs = await withItems(subject);
      const items = await docs
        .find(filter as never)
        .sort(sort as never)
        .limit(10)
        .toArray();
      return items.map(({ _id }) => _id);
    });
    expect(found).toEqual(ids);
  });

  test('claims each under its generation, and no other', async () => {
    const claim = (_id: string, generation: number) => ({
      updateOne: {
        filter: { _id, state: 'open', phase: 'ready', generation },
        update: { $set: { phase: 'nudged', dueAt: at(99), probes: 0 }, $inc: { generation: 1 } },
      },
    });
    const found = await both(async (subject) => {
      const docs = await withItems(subject);
      const writes = [claim('a', 0), claim('b', 1), claim('e', 1), claim('g', 1)];
      const { matchedCount } = await docs.bulkWrite(writes as never, { ordered: false });
      return [
        matchedCount,
        await docs
          .find({ dueAt: at(99) })
          .sort({ _id: 1 })
          .project({ generation: 1, probes: 1 })
          .toArray(),
      ];
    });
    expect(found).toEqual([
      2,
      [
        { _id: 'a', generation: 1, probes: 0 },
        { _id: 'g', generation: 2, probes: 0 },
      ],
    ]);
  });

  test('wakes what waits, settles and buries what is open, once', async () => {
    const found = await both(async (subject) => {
      const docs = await withItems(subject);
      const many = await docs.updateMany(
        { state: 'open', phase: 'waiting', runAt: { $lte: at(5) } },
        { $set: { phase: 'ready' } },
      );
      const settle = () =>
        docs.updateOne({ _id: 'a', state: 'open' } as never, { $set: { state: 'done', outcome: { status: 'done' } } });
      const bury = (generation: number) =>
        docs.updateOne({ _id: 'b', state: 'open', generation } as never, {
          $set: { state: 'dead', failure: { fingerprint: 'f' } },
        });
      return [
        many.modifiedCount,
        (await settle()).matchedCount,
        (await settle()).matchedCount,
        (await bury(1)).matchedCount,
        (await bury(2)).matchedCount,
        await docs.countDocuments({ state: 'open', phase: 'ready' }),
      ];
    });
    expect(found).toEqual([1, 1, 0, 0, 1, 3]);
  });

  test('opens what was dead: fields set, unset and counted up at once', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertOne({
        _id: 1,
        state: 'dead',
        generation: 3,
        settledAt: at(1),
        failure: { fingerprint: 'f' },
      } as never);
      const update = {
        $set: { state: 'open', phase: 'ready', dueAt: at(2), payload: { a: [] } },
        $inc: { generation: 1 },
        $unset: { settledAt: 1, failure: 1 },
      };
      const filter = { _id: 1, state: 'dead', generation: 3 };
      const write = { updateOne: { filter, update } };
      const first = await docs.bulkWrite([write] as never, { ordered: false });
      const again = await docs.bulkWrite([write] as never, { ordered: false });
      return [first.modifiedCount, again.modifiedCount, await docs.findOne()];
    });
    const opened = { _id: 1, state: 'open', generation: 4, phase: 'ready', dueAt: at(2), payload: { a: [] } };
    expect(found).toEqual([1, 0, opened]);
  });
});

describe('the index of a queue', () => {
  test.each<[string, Document, Document, string]>([
    [
      'what an account has ready',
      { state: 'open', queue: 'q', phase: 'ready', account: 'x' },
      { dueAt: 1 },
      'queue_1_phase_1_account_1_dueAt_1',
    ],
    [
      'the next account',
      { state: 'open', queue: 'q', phase: 'ready', account: { $gt: 'a' } },
      { account: 1 },
      'queue_1_phase_1_account_1_dueAt_1',
    ],
    ['expired leases', { state: 'open', phase: 'nudged', dueAt: { $lte: at(9) } }, { dueAt: 1 }, 'dueAt_1'],
    ['waiting items whose time has come', { state: 'open', phase: 'waiting', runAt: { $lte: at(9) } }, {}, 'runAt_1'],
    ['the jobs of an order', { order: 'o' }, { createdAt: -1 }, 'order_1_createdAt_-1'],
    ['what is not said to be open', { phase: 'nudged', dueAt: { $lte: at(9) } }, { dueAt: 1 }, 'COLLSCAN'],
    ['what is closed', { state: 'done', phase: 'nudged', dueAt: { $lte: at(9) } }, { dueAt: 1 }, 'COLLSCAN'],
  ])('is that of %s', async (_, filter, sort, name) => {
    const found = await both(async (subject) => {
      const docs = await withItems(subject);
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
});

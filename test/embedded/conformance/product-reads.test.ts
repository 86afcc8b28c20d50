/** Cursors that are read on, indexes as mongoose declares them, and what the server is asked about itself. */
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { both, useServers } from './servers.ts';

useServers();

const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1_000);

describe('a cursor', () => {
  const lines = Array.from({ length: 25 }, (_, n) => ({ _id: `s${n % 2}:${n}`, stream: `s${n % 2}`, seq: n }));

  test('gives what it has fetched, batch by batch, in the order of an index', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ stream: 1, seq: 1 }, { unique: true });
      await docs.insertMany(lines as never);
      const cursor = docs.find({}).sort({ stream: 1, seq: 1 }).batchSize(10);
      const sizes: number[] = [];
      const seqs: number[] = [];
      while (await cursor.hasNext()) {
        const batch = cursor.readBufferedDocuments();
        sizes.push(batch.length);
        seqs.push(...batch.map(({ seq }) => seq));
      }
      return [sizes, seqs];
    });
    const [even, odd] = [0, 1].map((one) => lines.map(({ seq }) => seq).filter((seq) => seq % 2 === one));
    expect(found).toEqual([
      [10, 10, 5],
      [...(even ?? []), ...(odd ?? [])],
    ]);
  });

  test('reads a stream from a line on', async () => {
    const found = await both(async ({ docs }) => {
      await docs.createIndex({ stream: 1, seq: 1 }, { unique: true });
      await docs.insertMany(lines as never);
      const found = docs.find({ stream: 's1', seq: { $gte: 19 } }).sort({ seq: 1 });
      return (await found.limit(2).toArray()).map(({ seq }) => seq);
    });
    expect(found).toEqual([19, 21]);
  });

  test('goes over every document after an _id, in chunks', async () => {
    const found = await both(async ({ docs }) => {
      await docs.insertMany(
        Array.from({ length: 5 }, (_, n) => ({ _id: `o${n}`, outbox: n % 2 === 0 ? [] : [n] })) as never,
      );
      const chunks: unknown[] = [];
      for (let last: unknown = ''; ; ) {
        const chunk = await docs
          .find({ _id: { $gt: last } } as never)
          .sort({ _id: 1 })
          .limit(2)
          .project({ _id: 1 })
          .toArray();
        if (chunk.length === 0) break;
        chunks.push(chunk.map(({ _id }) => _id));
        last = chunk.at(-1)?.['_id'];
      }
      return [chunks, await docs.countDocuments({ 'outbox.0': { $exists: true } })];
    });
    expect(found).toEqual([[['o0', 'o1'], ['o2', 'o3'], ['o4']], 2]);
  });
});

describe('declared indexes', () => {
  test('are made, found equal, and replaced when they change', async () => {
    const options = { collection: 'made', autoIndex: false, versionKey: false as const };
    const found = await both(async ({ uri, db }) => {
      const own = await mongoose.createConnection(uri, { dbName: db.databaseName }).asPromise();
      const schema = new mongoose.Schema({}, options);
      schema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });
      schema.index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
      schema.index({ agency: 1, 'state.createdAt': -1, _id: -1 });
      const model = own.model('Made', schema);
      await model.createCollection();
      await model.createCollection();
      const dropped = [await model.syncIndexes(), await model.syncIndexes()];
      const changed = new mongoose.Schema({}, options);
      changed.index({ expireAt: 1 }, { expireAfterSeconds: 60 });
      const again = own.model('Changed', changed);
      const diff = await again.diffIndexes();
      const last = (await again.syncIndexes()).sort();
      const kept = (await db.collection('made').indexes()).map(({ name, expireAfterSeconds }) => ({
        ...{ name, expireAfterSeconds },
      }));
      await own.close();
      return { dropped, diff: { toDrop: [...diff.toDrop].sort(), toCreate: diff.toCreate }, last, kept };
    });
    const gone = ['agency_1_state.createdAt_-1__id_-1', 'dueAt_1', 'expireAt_1'];
    expect(found).toEqual({
      dropped: [[], []],
      diff: { toDrop: gone, toCreate: [{ expireAt: 1 }] },
      last: gone,
      kept: [
        { name: '_id_', expireAfterSeconds: null },
        { name: 'expireAt_1', expireAfterSeconds: 60 },
      ],
    });
  });

  test('take away what has expired, and nothing without a date', async () => {
    const found = await both(async ({ db, docs }) => {
      await db.admin().command({ setParameter: 1, ttlMonitorSleepSecs: 1 });
      await docs.createIndex({ expireAt: 1 }, { expireAfterSeconds: 0 });
      await docs.insertMany([
        { _id: 'past', expireAt: at(0) },
        { _id: 'one of them past', expireAt: [at(0), new Date(Date.now() + 3_600_000)] },
        { _id: 'future', expireAt: new Date(Date.now() + 3_600_000) },
        { _id: 'null', expireAt: null },
        { _id: 'text', expireAt: 'past' },
        { _id: 'missing' },
      ] as never);
      await expect.poll(() => docs.countDocuments(), { timeout: 90_000 }).toBe(4);
      return (await docs.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
    });
    expect(found).toEqual(['future', 'missing', 'null', 'text']);
  }, 120_000);
});

describe('a question to the server', () => {
  test('is answered: its clock, and that it is there', async () => {
    const found = await both(async ({ db }) => {
      const { localTime, ok } = await db.command({ hello: 1 });
      const ping = await db.command({ ping: 1 }, { timeoutMS: 1_000 });
      return [localTime instanceof Date, ok, ping['ok']];
    });
    expect(found).toEqual([true, 1, 1]);
  });
});

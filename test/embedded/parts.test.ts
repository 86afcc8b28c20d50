/** A command that writes many documents lets others have their turn, and is answered as if it had been alone. */
import { type AnyBulkWriteOperation, type Collection, MongoBulkWriteError, MongoClient } from 'mongodb';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { uniqueName } from '../support/ids.ts';

interface Doc {
  _id: number;
  n?: number;
  other?: number;
}

const one = await MongoClient.connect(inject('mongoUri'), { maxPoolSize: 1 });
const other = await MongoClient.connect(inject('mongoUri'), { maxPoolSize: 1 });
const db = one.db(uniqueName('parts'));

afterAll(async () => {
  await db.dropDatabase();
  await Promise.all([one.close(), other.close()]);
});

async function filled(count: number): Promise<Collection<Doc>> {
  const docs = db.collection<Doc>(uniqueName('docs'));
  await docs.createIndex({ other: 1 }, { unique: true, sparse: true });
  await docs.insertMany(Array.from({ length: count }, (_, _id) => ({ _id })));
  return docs;
}

/** Resolves to what `act` does while somebody else writes one small thing after the other, and how many of those. */
async function besideOthers<T>(act: () => Promise<T>): Promise<{ result: T; small: number }> {
  const docs = other.db(db.databaseName).collection<Doc>(uniqueName('small'));
  await docs.insertOne({ _id: 0 });
  let over = false;
  const acting = act().finally(() => {
    over = true;
  });
  let small = 0;
  while (!over) {
    await docs.updateOne({ _id: 0 }, { $inc: { n: 1 } });
    small += 1;
  }
  return { result: await acting, small };
}

async function answerOf(write: () => Promise<unknown>): Promise<unknown> {
  return write().then(
    (result) => JSON.parse(JSON.stringify(result)),
    (error: MongoBulkWriteError) => {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      const { insertedCount, matchedCount, modifiedCount, upsertedIds, deletedCount } = error.result;
      const errors = [error.writeErrors].flat().map(({ index, code }) => ({ index, code }));
      return { insertedCount, matchedCount, modifiedCount, upsertedIds, deletedCount, errors };
    },
  );
}

/** Updates, upserts, and a few that a unique index refuses. */
const updates: AnyBulkWriteOperation<Doc>[] = Array.from({ length: 500 }, (_, n) => ({
  updateOne: {
    filter: { _id: n % 7 === 0 ? 10_000 + n : n },
    update: { $set: { n, ...([1, 130, 131, 420].includes(n) && { other: 1 }) } },
    upsert: n % 7 === 0,
  },
}));

const inserts: AnyBulkWriteOperation<Doc>[] = Array.from({ length: 500 }, (_, n) => ({
  insertOne: { document: { _id: [90, 91, 400].includes(n) ? 3 : 20_000 + n } },
}));

const deletes: AnyBulkWriteOperation<Doc>[] = Array.from({ length: 500 }, (_, n) => ({
  deleteOne: { filter: { _id: n * 2 } },
}));

describe('a write of many documents', () => {
  for (const [name, operations] of Object.entries({ updates, inserts, deletes })) {
    for (const ordered of [true, false]) {
      test(`${ordered ? 'in order' : 'in any order'}, of ${name}, is answered alike alone and beside others`, async () => {
        const [first, second] = [await filled(600), await filled(600)];
        const alone = await answerOf(() => first.bulkWrite(operations, { ordered }));
        const { result } = await besideOthers(() => answerOf(() => second.bulkWrite(operations, { ordered })));
        expect(result).toEqual(alone);
        const sorted = (docs: Collection<Doc>) => docs.find().sort({ _id: 1 }).toArray();
        expect(await sorted(second)).toEqual(await sorted(first));
      });
    }
  }

  test('lets small writes of others through before it is over', async () => {
    const docs = await filled(4_000);
    const many: AnyBulkWriteOperation<Doc>[] = Array.from({ length: 4_000 }, (_, _id) => ({
      updateOne: { filter: { _id }, update: { $set: { n: _id } } },
    }));
    const { result, small } = await besideOthers(() => docs.bulkWrite(many, { ordered: false }));
    expect(result.modifiedCount).toBe(4_000);
    // A turn writes 250 of them at most, and whoever asks one thing after the other meets every second turn.
    expect(small).toBeGreaterThanOrEqual(4_000 / 250 / 2);
  });
});

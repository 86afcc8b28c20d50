/**
 * What mongoose sends that this project itself doesn't: a broad probe, so that the embedded server serves others'
 * applications too. Each answer is what mongoose gives on MongoDB.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose, { type Connection, Schema } from 'mongoose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startEmbedded } from '../../embedded/start.ts';

let connection: Connection;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mongoose-'));
  const server = await startEmbedded({ dir, sync: false });
  connection = await mongoose.createConnection(server.uri, { dbName: 'probe' }).asPromise();
  return async () => {
    await connection.close();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
});

beforeEach(async () => {
  for (const name of connection.modelNames()) connection.deleteModel(name);
  await connection.dropDatabase();
});

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('documents', () => {
  test('are populated, discriminated, mapped and stamped', async () => {
    const Person = connection.model('Person', new Schema({ name: String }, { timestamps: true }));
    const event = new Schema(
      { by: { type: Schema.Types.ObjectId, ref: 'Person' }, counts: { type: Map, of: Number } },
      { discriminatorKey: 'kind' },
    );
    const Event = connection.model('Event', event);
    const Click = Event.discriminator('Click', new Schema({ url: String }));
    const ada = await Person.create({ name: 'Ada' });
    await Click.create({ by: ada._id, url: '/', counts: { a: 1 } });
    await Event.create({ by: ada._id });
    await Click.updateOne({}, { $set: { 'counts.b': 2 } });
    const click = await Click.findOne().populate<{ by: { name: string } }>('by').orFail();
    expect([click.by.name, click.counts?.get('b'), await Event.countDocuments(), await Click.countDocuments()]).toEqual(
      ['Ada', 2, 2, 1],
    );
    await Person.updateOne({ _id: ada._id }, { name: 'Ada L.' });
    const again = await Person.findById(ada._id).orFail();
    expect(again.updatedAt.getTime()).toBeGreaterThanOrEqual(ada.updatedAt.getTime());
    expect(again.createdAt).toEqual(ada.createdAt);
  });

  test('change elements of their lists by position, filter and method', async () => {
    const List = connection.model('List', new Schema({ items: [{ key: String, n: Number }] }));
    const list = await List.create({
      items: [
        { key: 'a', n: 1 },
        { key: 'b', n: 2 },
        { key: 'c', n: 3 },
      ],
    });
    await List.updateOne({ 'items.key': 'b' }, { $inc: { 'items.$.n': 10 } });
    await List.updateOne({}, { $set: { 'items.$[big].n': 0 } }, { arrayFilters: [{ 'big.n': { $gte: 3 } }] });
    const read = await List.findById(list._id).orFail();
    read.items.push({ key: 'd', n: 4 });
    read.items.pull(read.items[0]?._id);
    await read.save();
    expect((await List.findOne().orFail()).items.map(({ key, n }) => [key, n])).toEqual([
      ['b', 0],
      ['c', 0],
      ['d', 4],
    ]);
  });

  test('are saved by one of two who read the same version', async () => {
    const Note = connection.model('Note', new Schema({ text: String }, { optimisticConcurrency: true }));
    const { _id } = await Note.create({ text: '1' });
    const [one, other] = await Promise.all([Note.findById(_id).orFail(), Note.findById(_id).orFail()]);
    one.text = '2';
    other.text = '3';
    await one.save();
    await expect(other.save()).rejects.toThrow(mongoose.Error.VersionError);
  });

  test('are written in bulk', async () => {
    const Item = connection.model('Item', new Schema({ n: Number, tags: [String] }));
    const made = [1, 2, 3].map((n) => new Item({ n }));
    await Item.bulkSave(made);
    const result = await Item.bulkWrite([
      { insertOne: { document: { n: 4 } } },
      { updateMany: { filter: { n: { $gt: 1 } }, update: { $addToSet: { tags: 'big' } } } },
      { updateOne: { filter: { n: 9 }, update: { $setOnInsert: { tags: ['new'] } }, upsert: true } },
      { replaceOne: { filter: { n: 1 }, replacement: { n: 0 } } },
      { deleteOne: { filter: { n: 2 } } },
    ] as never);
    expect([result.insertedCount, result.modifiedCount, result.upsertedCount, result.deletedCount]).toEqual([
      1, 4, 1, 1,
    ]);
    expect(await Item.distinct('tags')).toEqual(['big', 'new']);
  });

  test('keep UUIDs, buffers, decimals and BigInts', async () => {
    const schema = new Schema({ id2: 'UUID', data: Buffer, price: 'Decimal128', big: BigInt, half: 'Double' });
    const Odd = connection.model('Odd', schema);
    const id2 = '0d1b6e2e-7a1d-4c0e-9a53-0a6d3a3b6f11';
    await Odd.create({ id2, data: Buffer.from([0, 255]), price: '1.10', big: 2n ** 60n, half: 2 });
    await Odd.updateOne({ id2 }, { $inc: { big: 1n } });
    const found = await Odd.findOne({ id2, price: { $gte: '1.1' }, half: { $type: 'double' } } as never).orFail();
    expect([found.price?.toString(), found.big, found.data?.toString('hex')]).toEqual(['1.10', 2n ** 60n + 1n, '00ff']);
    expect(await Odd.countDocuments({ data: Buffer.from([0, 255]) })).toBe(1);
  });
});

describe('a model', () => {
  test('compares and makes its indexes', async () => {
    const schema = new Schema(
      { email: { type: String, unique: true }, at: Date, tag: { type: String, sparse: true } },
      { autoIndex: false },
    );
    schema.index({ at: 1 }, { expireAfterSeconds: 60 });
    const User = connection.model('User', schema);
    expect((await User.diffIndexes()).toCreate).toHaveLength(3);
    await User.syncIndexes();
    expect(await User.diffIndexes()).toEqual({ toDrop: [], toCreate: [] });
    await User.create({ email: 'a' });
    await expect(User.create({ email: 'a' })).rejects.toMatchObject({ code: 11000, keyValue: { email: 'a' } });
    const plan = plain(await User.find({ email: 'a' }).explain());
    expect(JSON.stringify(plan)).toContain('email_1');
  });

  test('reads by cursors, sorted, selected, lean and in sessions', async () => {
    const Row = connection.model('Row', new Schema({ n: Number, s: String }));
    await Row.insertMany(Array.from({ length: 250 }, (_, n) => ({ n, s: `s${n}` })));
    const seen: unknown[] = [];
    for await (const row of Row.find({ n: { $gte: 10 } })
      .sort('-n')
      .batchSize(50)
      .cursor())
      seen.push(row.n);
    expect([seen.length, seen[0], seen.at(-1)]).toEqual([240, 249, 10]);
    const session = await connection.startSession();
    const lean = await Row.findOne({ n: 7 }, null, { session }).select('s -_id').lean();
    await session.endSession();
    expect(lean).toEqual({ s: 's7' });
    expect(await Row.exists({ n: 251 })).toBeNull();
    expect(await Row.estimatedDocumentCount()).toBe(250);
    const changed = await Row.findOneAndUpdate({ n: 5 }, { s: 'x' }, { returnDocument: 'after' }).lean();
    expect([
      changed?.s,
      (await Row.findOneAndDelete({ n: 5 }))?.s,
      (await Row.deleteMany({ n: { $lt: 5 } })).deletedCount,
    ]).toEqual(['x', 'x', 5]);
  });

  test('aggregates', async () => {
    const Sale = connection.model('Sale', new Schema({ shop: String, n: Number, at: Date }));
    await Sale.insertMany(
      [1, 2, 3, 4].map((n) => ({ shop: n % 2 ? 'a' : 'b', n, at: new Date(Date.UTC(2026, 0, n)) })),
    );
    const byShop = await Sale.aggregate()
      .match({ n: { $gt: 0 } })
      .group({ _id: '$shop', sum: { $sum: '$n' }, all: { $push: '$n' } })
      .sort({ _id: 1 });
    expect(byShop).toEqual([
      { _id: 'a', sum: 4, all: [1, 3] },
      { _id: 'b', sum: 6, all: [2, 4] },
    ]);
    const days = await Sale.aggregate([
      { $project: { _id: 0, day: { $dateToString: { date: '$at', format: '%Y-%m-%d' } } } },
      { $sort: { day: -1 } },
      { $limit: 1 },
    ]);
    expect(days).toEqual([{ day: '2026-01-04' }]);
  });

  test('keeps files in GridFS', async () => {
    const bucket = new mongoose.mongo.GridFSBucket(connection.db as never, { chunkSizeBytes: 1_000 });
    const bytes = Buffer.from(Array.from({ length: 2_500 }, (_, i) => i % 251));
    const upload = bucket.openUploadStream('f.bin');
    await new Promise((done, failed) => upload.on('finish', done).on('error', failed).end(bytes));
    const parts: Buffer[] = [];
    for await (const part of bucket.openDownloadStreamByName('f.bin')) parts.push(part as Buffer);
    expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
    await bucket.delete(upload.id);
    expect(await connection.collection('fs.chunks').countDocuments()).toBe(0);
  });

  test('is told that there are no transactions', async () => {
    const Row = connection.model('Row', new Schema({ n: Number }));
    await expect(connection.transaction((session) => Row.create([{ n: 1 }], { session }))).rejects.toMatchObject({
      code: 263,
    });
    expect(await Row.countDocuments()).toBe(0);
  });
});

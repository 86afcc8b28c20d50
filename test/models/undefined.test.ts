/** A key that is undefined is not there: the connection says so, once, and every way to write or ask must hear it. */
import { afterAll, describe, expect, inject, test } from 'vitest';
import { collectionSchema, openCollection } from '../../models/collection.ts';
import { connectMongo } from '../../runtime/mongo.ts';
import { uniqueName } from '../support/ids.ts';

interface Note {
  _id: string;
  text?: string | undefined;
  inner?: { text?: string | undefined };
}

const uri = new URL(inject('mongoUri'));
uri.pathname = `/${uniqueName('undefined')}`;
const connection = await connectMongo(uri.href);
afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
});
const { documents } = openCollection<Note>(connection, 'Note', collectionSchema('notes'));

const unset = { text: undefined, inner: { text: undefined } };
const bare = { inner: {} };

describe('a key that is undefined', () => {
  test.each<[string, (_id: string) => Promise<unknown>]>([
    ['insertOne', (_id) => documents.insertOne({ _id, ...unset })],
    ['insertMany', (_id) => documents.insertMany([{ _id, ...unset }], { ordered: false })],
    ['bulkWrite: insertOne', (_id) => documents.bulkWrite([{ insertOne: { document: { _id, ...unset } } }])],
    ['replaceOne', (_id) => documents.replaceOne({ _id }, unset, { upsert: true })],
    ['updateOne', (_id) => documents.updateOne({ _id }, { $set: unset }, { upsert: true })],
    [
      'bulkWrite: updateOne',
      (_id) => documents.bulkWrite([{ updateOne: { filter: { _id }, update: { $set: unset }, upsert: true } }]),
    ],
    ['findOneAndUpdate', (_id) => documents.findOneAndUpdate({ _id }, { $set: unset }, { upsert: true })],
  ])('is not stored by %s', async (way, write) => {
    await write(way);
    expect(await documents.findOne({ _id: way })).toStrictEqual({ _id: way, ...bare });
  });

  test('leaves alone what it would have set', async () => {
    await documents.insertOne({ _id: 'kept', text: 'is kept' });
    await documents.updateOne({ _id: 'kept' }, { $set: { text: undefined, inner: {} } });
    expect(await documents.findOne({ _id: 'kept' })).toStrictEqual({ _id: 'kept', text: 'is kept', inner: {} });
  });

  test('asks nothing, in a filter and in a pipeline', async () => {
    await documents.insertOne({ _id: 'asked', text: 'some' });
    const filter = { _id: 'asked', text: undefined };
    expect(await documents.countDocuments(filter)).toBe(1);
    expect(await documents.find(filter).toArray()).toHaveLength(1);
    expect(await documents.aggregate([{ $match: filter }]).toArray()).toHaveLength(1);
  });
});

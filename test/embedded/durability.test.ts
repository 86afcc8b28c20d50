import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { startEmbedded } from '../../embedded/start.ts';
import { eventually } from '../support/eventually.ts';
import { killAgainAndAgain } from './durability/writers.ts';

test('a killed server has every acknowledged write, in its indexes too', { timeout: 180_000 }, async () => {
  const toll = await killAgainAndAgain({ kills: 2, runMs: 300 });
  expect(toll.acknowledged).toBeGreaterThan(0);
  expect(toll).toMatchObject({ kills: 2, lost: 0, disagreements: 0 });
});

test('documents of a TTL index go when their time has come, and no others', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ttl-'));
  const server = await startEmbedded({ dir, sync: false });
  const client = new MongoClient(server.uri);
  const docs = client.db('t').collection<{ _id: number; at?: Date | string }>('docs');
  await docs.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
  await docs.insertMany([{ _id: 1, at: new Date(0) }, { _id: 2, at: new Date() }, { _id: 3 }, { _id: 4, at: 'never' }]);
  await client.db('admin').command({ setParameter: 1, ttlMonitorSleepSecs: 1 });
  const left = async () => (await docs.find().toArray()).map(({ _id }) => _id);
  await eventually(async () => (await left()).length < 4);
  expect(await left()).toEqual([2, 3, 4]);
  await client.close();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

test('a TTL index with a partial filter on the same path takes only what both mean', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ttl-partial-'));
  const server = await startEmbedded({ dir, sync: false });
  const client = new MongoClient(server.uri);
  const docs = client.db('t').collection<{ _id: number; at: Date; done?: boolean }>('docs');
  await docs.createIndex(
    { at: 1 },
    { expireAfterSeconds: 60, partialFilterExpression: { at: { $gt: new Date(1000) }, done: true } },
  );
  const living = new Date(Date.now() + 3_600_000);
  await docs.insertMany([
    { _id: 1, at: new Date(2000), done: true },
    { _id: 2, at: living, done: true },
    { _id: 3, at: new Date(2000) },
    { _id: 4, at: new Date(0), done: true },
  ]);
  await client.db('admin').command({ setParameter: 1, ttlMonitorSleepSecs: 1 });
  const left = async () => (await docs.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
  await eventually(async () => (await left()).length < 4);
  expect(await left()).toEqual([2, 3, 4]);
  await client.close();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

test('a folder whose name has a dot is a folder like any other', async () => {
  const dir = join(await mkdtemp(join(tmpdir(), 'dotted-')), 'data.d');
  await mkdir(dir);
  const server = await startEmbedded({ dir, sync: false });
  await server.stop();
  expect(await readdir(dir)).toContain('data.mdb');
  await rm(join(dir, '..'), { recursive: true, force: true });
});

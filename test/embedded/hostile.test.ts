import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BSON } from 'bson';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Embedded, startEmbedded } from '../../embedded/start.ts';

let dir: string;
let server: Embedded;
let client: MongoClient;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hostile-'));
  server = await startEmbedded({ dir: join(dir, 'data'), sync: false });
  client = new MongoClient(server.uri);
  await client
    .db('h')
    .collection('docs')
    .insertMany(Array.from({ length: 3000 }, (_, i) => ({ i, text: 'x'.repeat(1000) })));
});

afterAll(async () => {
  await client.close();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(server.uri).port), '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket.on('error', () => {});
}

function frame(size: number, body: Buffer = Buffer.alloc(0), opCode = 2013): Buffer {
  const head = Buffer.alloc(16);
  head.writeInt32LE(size, 0);
  head.writeInt32LE(7, 4);
  head.writeInt32LE(opCode, 12);
  return Buffer.concat([head, body]);
}

const othersGoOn = async () => expect(await client.db('h').command({ ping: 1 })).toEqual({ ok: 1 });

describe('the embedded server closes a connection', () => {
  const lying = Buffer.concat([Buffer.alloc(5), Buffer.from(BSON.serialize({ ping: 1, $db: 'h' }))]);
  lying.writeInt32LE(9000, 5);
  test.each([
    ['whose frame is shorter than its header', frame(3)],
    ['whose frame says it has 49 MB', frame(49_000_000)],
    ['whose frame has a negative length', frame(-1)],
    ['whose document lies about its length', frame(16 + lying.length, lying)],
    ['whose BSON is none', frame(16 + 14, Buffer.from([0, 0, 0, 0, 0, 9, 0, 0, 0, 0xee, 65, 0, 1, 0]))],
    ['of an unknown operation', frame(16, Buffer.alloc(0), 2002)],
    ['with a message of nothing', frame(20, Buffer.alloc(4))],
  ])('%s', async (_, bytes) => {
    const socket = await open();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(bytes);
    await closed;
    await othersGoOn();
  });
});

describe('the embedded server goes on', () => {
  test('while a connection is half open and another never reads its answers', async () => {
    const half = await open();
    half.write(frame(1000).subarray(0, 7));
    const greedy = await open();
    greedy.pause();
    const find = Buffer.concat([
      Buffer.alloc(5),
      Buffer.from(BSON.serialize({ find: 'docs', batchSize: 3000, $db: 'h' })),
    ]);
    for (let i = 0; i < 50; i++) greedy.write(frame(16 + find.length, find));
    await othersGoOn();
    const status = await client.db('h').command({ serverStatus: 1 });
    expect(status['mem'].resident).toBeLessThan(700);
    half.destroy();
    greedy.destroy();
  });

  test('with a thousand connections', async () => {
    const sockets = await Promise.all(Array.from({ length: 1000 }, open));
    await othersGoOn();
    for (const socket of sockets) socket.destroy();
  });

  test('with a thousand cursors that nobody reads', async () => {
    const db = client.db('h');
    for (let i = 0; i < 1100; i++) await db.command({ find: 'docs', batchSize: 1 });
    const status = await db.command({ serverStatus: 1 });
    expect(status['metrics'].cursor.open.total).toBeLessThanOrEqual(1000);
  });
});

describe('a data folder', () => {
  test('is used by one server at a time', async () => {
    await expect(startEmbedded({ dir: join(dir, 'data') })).rejects.toThrow(/in use by process/);
  });
});

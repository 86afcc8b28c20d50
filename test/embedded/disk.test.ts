/** A disk that is full, and data files that are not whole: refused in words, and nothing acknowledged is lost. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { refuseDamagedFile } from '../../embedded/disk.ts';
import { startEmbedded } from '../../embedded/start.ts';
import { type Disk, smallDisk, whyNoDisk } from '../chaos/disk.ts';

interface Doc {
  _id: number;
  text: string;
}

const main = join(import.meta.dirname, '../../embedded/main.ts');
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const why = await whyNoDisk();

interface Launched {
  child: ChildProcess;
  client: MongoClient;
  said(): string;
}

/** By hand, so that a test sees how the process ends and what it says. */
async function launch(dir: string, through: string[] = []): Promise<Launched> {
  const [command = '', ...args] = [...through, process.execPath, '--import', loader, main, '--dir', dir, '--parent'];
  const child = spawn(command, args);
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const uri = await new Promise<string>((resolve) => {
    createInterface(child.stdout).on(
      'line',
      (line) => line.startsWith('listening ') && resolve(line.split(' ')[1] ?? ''),
    );
  });
  return { child, client: new MongoClient(uri, { maxPoolSize: 1, retryWrites: false }), said: () => text };
}

describe.skipIf(why)(`a full disk${why ? ` (${why})` : ''}`, () => {
  let folder: string;
  let disk: Disk;
  const ended: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'full-disk-'));
    disk = await smallDisk(folder, 40);
  });
  afterEach(async () => {
    for (const end of ended.splice(0)) await end();
    disk.free();
  });
  afterAll(async () => {
    await disk.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function server(name: string) {
    const launched = await launch(join(folder, name));
    const exit = once(launched.child, 'exit');
    const stop = () => {
      launched.child.kill('SIGTERM');
      return exit;
    };
    ended.push(() => launched.client.close(), stop);
    return { ...launched, exit, stop, docs: launched.client.db('d').collection<Doc>('docs') };
  }

  const text = 'x'.repeat(50_000);

  test('refuses writes with 14031, answers reads, and goes on when there is room', async () => {
    const { child, docs, client, stop } = await server('filled');
    let kept = 0;
    const filling = async () => {
      while (true) await docs.insertOne({ _id: kept, text }).then(() => kept++);
    };
    await expect(filling()).rejects.toMatchObject({ code: 14031 });
    expect(kept).toBeGreaterThan(100);
    disk.fill();
    await expect(docs.updateOne({ _id: 0 }, { $set: { text: 'y' } })).rejects.toMatchObject({ code: 14031 });
    await expect(docs.createIndex({ text: 1 })).rejects.toMatchObject({ code: 14031 });
    expect(await docs.countDocuments()).toBe(kept);
    disk.free();
    await docs.deleteMany({ _id: { $gte: kept - 5 } }).catch(() => {});
    expect(child.exitCode ?? child.signalCode).toBeNull();
    await client.close();
    expect(await stop()).toEqual([0, null]);
    const { docs: again } = await server('filled');
    expect(await again.findOne({ _id: kept - 10 })).toMatchObject({ text });
    await rm(join(folder, 'filled'), { recursive: true, force: true });
  });

  test('refuses a command that would grow too much before it is committed, and keeps nothing of it', async () => {
    const { docs, child } = await server('grown');
    await docs.insertMany(Array.from({ length: 60 }, (_, _id) => ({ _id, text: 'small' })));
    const grow = docs.updateMany({}, { $set: { text: 'z'.repeat(500_000) } });
    await expect(grow).rejects.toMatchObject({ code: 14031 });
    expect(await docs.countDocuments({ text: 'small' })).toBe(60);
    expect(child.exitCode ?? child.signalCode).toBeNull();
    await rm(join(folder, 'grown'), { recursive: true, force: true });
  });
});

test('a commit that fails all the same ends the server with code 74 and a clear line, and loses nothing', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'failed-commit-'));
  // The disk says it has room; a quota on the file, which it cannot see, says no.
  const { child, client, said } = await launch(dir, [
    'bash',
    '-c',
    'trap "" XFSZ; ulimit -f 6000; exec "$@"',
    'limited',
  ]);
  const exit = once(child, 'exit');
  const docs = client.db('d').collection<Doc>('docs');
  let acknowledged = 0;
  const filling = async () => {
    while (true) await docs.insertOne({ _id: acknowledged, text: 'x'.repeat(20_000) }).then(() => acknowledged++);
  };
  await expect(filling()).rejects.toThrow();
  expect(await exit).toEqual([74, null]);
  expect(said()).toMatch(/A commit failed: .*start again when the disk has room/);
  await client.close();

  expect(acknowledged).toBeGreaterThan(50);
  const again = await launch(dir);
  const found = await again.client.db('d').collection<Doc>('docs').find().project({ _id: 1 }).toArray();
  expect(found.map(({ _id }) => _id)).toEqual(Array.from({ length: acknowledged }, (_, _id) => _id));
  await again.client.close();
  again.child.kill('SIGTERM');
  await once(again.child, 'exit');
  await rm(dir, { recursive: true, force: true });
});

describe('a data file', () => {
  let dir: string;
  let whole: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'data-file-'));
    whole = join(dir, 'whole');
    const server = await startEmbedded({ dir: whole });
    const client = new MongoClient(server.uri);
    const docs = Array.from({ length: 500 }, (_, _id) => ({ _id, text: 'y'.repeat(2000) }));
    await client.db('d').collection<Doc>('docs').insertMany(docs);
    await client.close();
    await server.stop();
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  async function cut(size: number): Promise<string> {
    const folder = join(dir, `cut-${size}`);
    await cp(whole, folder, { recursive: true });
    await truncate(join(folder, 'data.mdb'), size);
    return folder;
  }

  test.each([0, 4096])('of %i bytes is refused before it is opened', async (size) => {
    await expect(startEmbedded({ dir: await cut(size) })).rejects.toThrow(/The data file in .* is damaged/);
  });

  test('that is cut anywhere is damaged', async () => {
    for (const size of [0, 1, 16, 1000, 4096, 4097, 6000, 8192, 12_288, 65_536, 500_000]) {
      const folder = await cut(size);
      expect(() => refuseDamagedFile(folder)).toThrow(/damaged/);
    }
  });

  test('that is something else is refused', async () => {
    const folder = await mkdtemp(join(dir, 'other-'));
    await writeFile(join(folder, 'data.mdb'), 'not a database '.repeat(2000));
    expect(() => refuseDamagedFile(folder)).toThrow(/damaged/);
  });

  test('that is whole is opened', async () => {
    const server = await startEmbedded({ dir: whole });
    const client = new MongoClient(server.uri);
    expect(await client.db('d').collection('docs').countDocuments()).toBe(500);
    await client.close();
    await server.stop();
  });
});

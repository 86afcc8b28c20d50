import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import mongoose from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findDatabase } from '../../scripts/servers/database.ts';
import { freePort } from '../../scripts/servers/ports.ts';
import { startRedis } from '../../scripts/servers/redis.ts';
import { eventually } from '../support/eventually.ts';
import { root } from '../support/sources.ts';

const command = join(root, 'dist/scripts/start.js');

describe('npm start', () => {
  test('runs every process of the Procfile on the given servers, after the indexes, and ends them all', async () => {
    const port = await freePort();
    const servers = await givenServers();
    const started = spawn(process.execPath, [command], { env: { ...process.env, ...servers, PORT: String(port) } });
    const lines: string[] = [];
    createInterface(started.stdout).on('line', (line) => lines.push(line));

    const patience = { within: 90_000 };
    await eventually(async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok, patience);
    expect(await indexesOf(servers.MONGODB_URI, 'links')).toContain('tokenHash_1');

    const ended = once(started, 'exit');
    started.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const pids = lines.flatMap((line) => /started \(pid (\d+)\)/.exec(line)?.[1] ?? []).map(Number);
    expect(pids.length).toBeGreaterThanOrEqual(5);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('names every variable that is missing, and starts nothing', async () => {
    const env = { PATH: process.env['PATH'], REDIS_URL: 'redis://127.0.0.1:1' };
    const started = spawn(process.execPath, [command], { env });
    const said: string[] = [];
    createInterface(started.stderr).on('line', (line) => said.push(line));
    expect(await once(started, 'close')).toEqual([2, null]);
    expect(said).toEqual([
      'Set or correct these variables:',
      '  MONGODB_URI is not set, such as mongodb://127.0.0.1:27017/orderworks.',
      '  LINK_SECRET is not set, such as the output of `openssl rand -hex 32`.',
      'To see the system run without servers of your own: ./scripts/demo',
    ]);
  });
});

async function givenServers() {
  const dir = await mkdtemp(join(tmpdir(), 'orderworks-start-'));
  const redis = await startRedis({ dir });
  const database = await findDatabase({ dir: join(dir, 'database'), sync: false });
  onTestFinished(async () => {
    await Promise.all([redis.stop(), database.stop()]);
    await rm(dir, { recursive: true, force: true });
  });
  const uri = new URL(database.uri);
  uri.pathname = '/orderworks_start';
  return { MONGODB_URI: uri.href, REDIS_URL: redis.url, LINK_SECRET: 'x'.repeat(40), LOG_LEVEL: 'warn' };
}

async function indexesOf(uri: string, collection: string): Promise<string[]> {
  const connection = await mongoose.createConnection(uri).asPromise();
  const indexes = await connection.collection(collection).indexes();
  await connection.close();
  return indexes.map(({ name }) => name ?? '');
}

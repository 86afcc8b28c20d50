import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openModels } from '../../models/open.ts';
import { clocks } from '../../scripts/checks/finding.ts';
import { checkNode } from '../../scripts/checks/machine.ts';
import { freePort } from '../../scripts/servers/ports.ts';
import { type RedisServer, startRedis } from '../../scripts/servers/redis.ts';
import { databaseUri, freshDatabase } from '../support/mongo.ts';
import { runScript } from '../support/script.ts';
import { type Sink, startSink } from '../support/sink.ts';
import { root } from '../support/sources.ts';

// Each call starts a process, which takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 300_000 });
const connection = await freshDatabase();
const MONGODB_URI = databaseUri(connection.name);
let dir: string;
let redis: RedisServer;
let sink: Sink;
let env: Record<string, string>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'orderworks-doctor-'));
  redis = await startRedis({ dir });
  sink = await startSink();
  const SMTP_URL = sink.url.replace('//', '//sender:hushhush@');
  const LINK_SECRET = '0123456789abcdef0123456789abcdef';
  env = { MONGODB_URI, REDIS_URL: redis.url, SMTP_URL, LINK_SECRET, PORT: String(await freePort()) };
});
afterAll(async () => {
  await Promise.all([redis.stop(), sink.close()]);
  await rm(dir, { recursive: true, force: true });
});

interface Said {
  ok: boolean;
  findings: { check: string; verdict: string; says: string; fix?: string }[];
}

async function doctor(more: Record<string, string> = {}) {
  const { code, stdout } = await runScript('doctor', ['--json'], { env: { ...env, ...more } });
  const said = JSON.parse(stdout) as Said;
  const bad = said.findings.filter(({ verdict }) => verdict !== 'ok');
  return { code, said, bad, about: (check: string) => said.findings.find((one) => one.check === check) };
}

describe('doctor', () => {
  test('finds a new database without indexes; sync-indexes makes them when told; then all is well', async () => {
    const before = await doctor();
    expect(before.code).toBe(1);
    expect(before.bad.map(({ check }) => check)).toEqual(['indexes']);
    expect(before.about('indexes')?.fix).toContain('sync-indexes');

    const looked = await runScript('sync-indexes', [], { env });
    expect(looked).toMatchObject({ code: 0, stdout: expect.stringMatching(/^accounts\n {2}\+ the collection/) });
    expect((await connection.listCollections()).map(({ name }) => name)).not.toContain('orders');
    expect(await runScript('sync-indexes', ['--apply'], { env })).toMatchObject({ code: 0 });

    const after = await doctor();
    expect(after).toMatchObject({ code: 0, bad: [], said: { ok: true } });
    expect(after.about('mail')?.says).toContain('takes the login');
    expect(JSON.stringify(after.said)).not.toContain('hushhush');
  });

  test('names every fault at once, each with its cure', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    sink.manners.auth = true;
    await using _ = { [Symbol.asyncDispose]: async () => void taken.close() };
    const { code, about, bad } = await doctor({ PORT: String(port), MONGODB_URI: 'mongodb://127.0.0.1:1/x' });
    sink.manners.auth = false;
    expect(code).toBe(1);
    expect(bad.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['database', 'fault'],
      ['mail', 'fault'],
      [`port ${port}`, 'fault'],
    ]);
    expect(about('mail')?.fix).toBe('Correct the user and password in SMTP_URL.');
    expect(bad.every(({ fix }) => fix)).toBe(true);
  });

  test('tells of a Redis that evicts and keeps nothing on disk', async () => {
    const folder = await mkdtemp(join(dir, 'weak-'));
    const weak = await startRedis({ dir: folder, args: ['--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru'] });
    const { bad } = await doctor({ REDIS_URL: weak.url });
    await weak.stop();
    expect(bad.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['redis eviction', 'fault'],
      ['redis persistence', 'warning'],
    ]);
  });

  test('lists all that is wrong with the environment, and shows a sound one without its secrets', async () => {
    const { bad } = await doctor({ LINK_SECRET: 'short', REDIS_URL: 'http://x', PUBLIC_URL: 'nowhere', PORT: 'web' });
    expect(bad.filter(({ check }) => check === 'configuration').map(({ says }) => says.split(' ')[0])).toEqual(
      expect.arrayContaining(['REDIS_URL', 'PORT', 'PUBLIC_URL', 'LINK_SECRET']),
    );
    const { code, stdout } = await runScript('doctor', ['--print-config'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ linkSecret: '32 characters', redisUrl: redis.url });
    expect(stdout).not.toMatch(/hushhush|0123456789abcdef/);
  });
});

describe('sync-indexes', () => {
  test('leaves what is not declared and refuses what must be dropped, until it is told', async () => {
    const links = openModels(connection).links.model.collection;
    await runScript('sync-indexes', ['--apply', '--quiet'], { env });
    await links.createIndex({ mine: 1 });
    const left = await runScript('sync-indexes', ['--apply'], { env });
    expect(left).toMatchObject({ code: 0, stdout: 'links\n  - mine_1 (not declared)\n' });
    expect(await namesOf(links)).toContain('mine_1');

    await links.dropIndex('tokenHash_1');
    await links.createIndex({ tokenHash: 1 }, { sparse: true });
    const refused = await runScript('sync-indexes', ['--apply'], { env });
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('links.tokenHash_1') });

    const { code, stdout } = await runScript('sync-indexes', ['--apply', '--drop', '--json'], { env });
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, applied: true });
    expect(await namesOf(links)).not.toContain('mine_1');
    expect(await runScript('sync-indexes', [], { env })).toMatchObject({ code: 0, stdout: '' });
  });

  const namesOf = async (collection: { indexes(): Promise<{ name?: string }[]> }) =>
    (await collection.indexes()).map(({ name }) => name);
});

test('clocks count as apart by what the way there cannot explain, and Node by its version', () => {
  expect(clocks('c', { asked: 0, there: 4_000, answered: 4_000 }).verdict).toBe('ok');
  expect(clocks('c', { asked: 0, there: 3_000, answered: 100 }).verdict).toBe('warning');
  expect(clocks('c', { asked: 9_000, there: 3_000, answered: 9_100 }).verdict).toBe('fault');
  const fitting = ['20.19.0', '20.20.2', '22.12.0', '22.23.1', '24.0.0', '26.1.0'];
  const others = ['18.20.0', '20.18.3', '21.5.0', '22.0.0', '22.11.0'];
  for (const version of fitting) expect(checkNode(version).verdict, version).toBe('ok');
  for (const version of others) expect(checkNode(version), version).toMatchObject({ verdict: 'fault' });
});

test('every package of the house says the same of Node, and prepare.sh asks the one who reads it', async () => {
  const [whole, part, prepare] = await Promise.all(
    ['package.json', 'embedded/package.json', 'scripts/prepare.sh'].map((path) => readFile(join(root, path), 'utf8')),
  );
  const rangeIn = (text = '') => (JSON.parse(text) as { engines: { node: string } }).engines.node;
  expect(rangeIn(part)).toBe(rangeIn(whole));
  expect(prepare).toContain('\nnode scripts/node-range.cjs || exit 1\n');
});

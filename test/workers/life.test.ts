import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import { systemClock } from '../../kernel/time.ts';
import { openWork } from '../../kernel/work.ts';
import { isWaitedFor } from '../../models/backlog.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { serveHealth } from '../../runtime/health-server.ts';
import { createLog } from '../../runtime/log.ts';
import { watchOpenWork } from '../../runtime/metrics.ts';
import { closeAll } from '../../workers/machine/leave.ts';
import { eventually } from '../support/eventually.ts';
import { databaseUri, freshDatabase } from '../support/mongo.ts';
import { freshRedis } from '../support/redis.ts';
import { root } from '../support/sources.ts';

const silent = pino({ level: 'silent' });
const here = { host: '127.0.0.1', port: 0 };
let models: Models;

beforeAll(async () => {
  models = openModels(await freshDatabase());
  await syncIndexes(models);
});

describe('the health port', () => {
  test('tells a process that gets on from one that does not, and gives the metrics', async () => {
    let reason: string | undefined;
    let isReady = true;
    watchOpenWork(async () => [{ queue: 'setup', kind: 'command', phase: 'ready', count: 3, oldestSeconds: 7 }]);
    const health = await serveHealth(here, { stuck: async () => reason, ready: async () => isReady }, silent);
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${health.port}${path}`)).status;
    expect([await status('/health/live'), await status('/health/ready')]).toEqual([200, 200]);
    [reason, isReady] = ['Nothing was done for 61 s though jobs wait.', false];
    expect([await status('/health/live'), await status('/health/ready')]).toEqual([503, 503]);
    expect(await status('/elsewhere')).toBe(404);
    const text = await (await fetch(`http://127.0.0.1:${health.port}/metrics`)).text();
    expect(text).toContain('orderworks_open_work{queue="setup",kind="command",phase="ready"} 3');
    expect(text).toContain('orderworks_oldest_open_seconds{queue="setup",kind="command",phase="ready"} 7');
    await health.close();
  });

  test('a queue is waited for once a job has been there through three leases', async () => {
    const who = { actor: { type: 'service' as const, id: 't' }, cause: 'api' as const, agency: 'a', account: 'b' };
    const draft = { _id: newId(), queue: 'setup', kind: 'command', schema: 1, payload: {}, ...who };
    const item = openWork(draft, 'nudged', systemClock.now());
    await models.work.insert(item);
    expect(await isWaitedFor(models.work, ['setup'])).toBe(false);
    await models.work.model.collection.updateOne({ _id: item._id as never }, { $set: { probes: 3 } });
    expect(await isWaitedFor(models.work, ['setup'])).toBe(true);
    expect(await isWaitedFor(models.work, ['bulk'])).toBe(false);
  });
});

describe('leaving', () => {
  test('waits for what ends, and not for a handler that hangs', async () => {
    const forced: string[] = [];
    const ends = { close: async () => undefined };
    const hangs = {
      close: (force?: boolean) => {
        if (!force) return new Promise<void>(() => undefined);
        forced.push('hangs');
        return Promise.resolve();
      },
    };
    expect(await closeAll([ends], 5_000)).toBe(true);
    expect(await closeAll([ends, hangs], 50)).toBe(false);
    expect(forced).toEqual(['hangs']);
  });
});

test('the log takes in no field that it does not know', () => {
  const lines: string[] = [];
  const log = createLog('test', 'info', { write: (line: string) => void lines.push(line) });
  log
    .child({ queue: 'setup', token: 'canary' })
    .info({ work: 'w1', order: 'o1', requestId: 'r1', email: 'canary' }, 'said');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ queue: 'setup', work: 'w1', order: 'o1', requestId: 'r1' });
  expect(lines.join()).not.toContain('canary');
});

describe('a worker process', () => {
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  test('beats while it works, answers for its health, and is gone when told to leave', async () => {
    const redis = freshRedis();
    const env = {
      ...process.env,
      MONGODB_URI: databaseUri(models.connection.name),
      REDIS_URL: redis.url,
      REDIS_PREFIX: redis.prefix,
      LINK_SECRET: 'a secret for tests, and only for tests',
      HEALTH_PORT: '0',
    };
    const child = spawn(process.execPath, [join(root, 'dist/workers/main.js'), 'setup'], { env, cwd: root });
    children.push(child);
    const ended = once(child, 'exit');
    const port = await new Promise<number>((found) => {
      createInterface(child.stdout).on('line', (line) => line.includes('"health"') && found(JSON.parse(line).port));
    });
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('orderworks_process_cpu');
    await eventually(async () => (await models.heartbeats.list()).some(({ queues }) => queues.includes('setup')));
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await models.heartbeats.list()).toEqual([]);
  }, 60_000);
});

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type RedisServer, startRedis } from '../../scripts/servers/redis.ts';

describe('a private Redis', () => {
  test('is the same one after kill -9 and a restart in its folder', async () => {
    const dir = await temporaryFolder();
    const first = await startRedis({ dir });
    await onClient(first, (client) => client.set('kept', 'yes'));
    await first.kill();

    const second = await running({ dir, port: first.port });
    expect(second.url).toBe(first.url);
    expect(second.pid).not.toBe(first.pid);
    expect(await onClient(second, (client) => client.get('kept'))).toBe('yes');
  });

  test('never evicts a job to make room, and listens on loopback only', async () => {
    const server = await running({ dir: await temporaryFolder() });
    const asked = ['maxmemory-policy', 'bind', 'appendonly'];
    const found = await onClient(server, (client) => Promise.all(asked.map((name) => client.config('GET', name))));
    expect(found).toEqual([
      ['maxmemory-policy', 'noeviction'],
      ['bind', '127.0.0.1'],
      ['appendonly', 'yes'],
    ]);
  });

  test('refuses a port that is taken, with what Redis said', async () => {
    const server = await running({ dir: await temporaryFolder() });
    await expect(startRedis({ dir: await temporaryFolder(), port: server.port })).rejects.toThrow(/did not start/);
  });

  test('listens no more once it is stopped', async () => {
    const server = await startRedis({ dir: await temporaryFolder() });
    await server.stop();
    const socket = createConnection(server.port, '127.0.0.1');
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'orderworks-redis-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function running(options: { dir: string; port?: number }): Promise<RedisServer> {
  const server = await startRedis(options);
  onTestFinished(() => server.stop());
  return server;
}

async function onClient<T>({ url }: RedisServer, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  const answer = await ask(client);
  await client.quit();
  return answer;
}

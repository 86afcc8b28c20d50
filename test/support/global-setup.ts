/**
 * Starts what every test shares, once: a private Redis and whichever database is to be had. Tests never share data:
 * each file takes its own database name and Redis prefix (mongo.ts, redis.ts).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findDatabase } from '../../scripts/servers/database.ts';
import { startRedis } from '../../scripts/servers/redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    mongoUri: string;
    redisUrl: string;
    databaseKind: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'orderworks-test-'));
  const folders = { redis: join(dir, 'redis'), database: join(dir, 'database') };
  await Promise.all(Object.values(folders).map((folder) => mkdir(folder)));

  const redis = await startRedis({ dir: folders.redis });
  const database = await findDatabase({ dir: folders.database, download: true, sync: false });
  console.log(`Database: ${database.kind} — ${database.why}`);

  project.provide('mongoUri', database.uri);
  project.provide('databaseKind', database.kind);
  project.provide('redisUrl', redis.url);

  return async () => {
    await Promise.all([redis.stop(), database.stop()]);
    await rm(dir, { recursive: true, force: true });
  };
}

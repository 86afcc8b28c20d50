/**
 * Starts what every test shares, once: a private Redis and whichever database is to be had. Tests never share data:
 * each file takes its own database name and Redis prefix (mongo.ts, redis.ts).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startRedis } from '../../scripts/redis.ts';

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
  const database = await findDatabase(folders.database);
  console.log(`Database: ${database.kind} — ${database.why}`);

  project.provide('mongoUri', database.uri);
  project.provide('databaseKind', database.kind);
  project.provide('redisUrl', redis.url);

  return async () => {
    await Promise.all([redis.stop(), database.stop()]);
    await rm(dir, { recursive: true, force: true });
  };
}

interface Database {
  uri: string;
  kind: string;
  why: string;
  stop(): Promise<void>;
}

/** Named by a variable until scripts/database.ts has landed; a test that needs a database fails clearly without it. */
async function findDatabase(dir: string): Promise<Database> {
  const module = '../../scripts/database.ts';
  const found = await import(module).catch(() => undefined);
  if (found) return found.findDatabase({ dir, download: true, sync: false });
  const uri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:1';
  return { uri, kind: 'none', why: 'scripts/database.ts has not landed', stop: async () => undefined };
}

/** A corner of the shared Redis that belongs to one test file: its prefix is swept when the file has ended. */
import { Redis } from 'ioredis';
import { afterAll, inject } from 'vitest';
import { uniqueName } from './ids.ts';

export interface TestRedis {
  url: string;
  prefix: string;
}

export function freshRedis(): TestRedis {
  const corner = { url: inject('redisUrl'), prefix: uniqueName('test') };
  afterAll(() => sweep(corner));
  return corner;
}

async function sweep({ url, prefix }: TestRedis): Promise<void> {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 })) {
    if (keys.length > 0) await redis.unlink(...keys);
  }
  await redis.quit();
}

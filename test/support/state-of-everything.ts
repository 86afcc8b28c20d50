/**
 * Everything that a refused request must leave as it was: every document of the database and every key of the queue. How
 * often somebody guessed is remembered on purpose.
 */
import { Redis } from 'ioredis';
import type { Models } from '../../models/open.ts';
import type { TestRedis } from './redis.ts';

export async function everything({ connection }: Models, { url, prefix }: TestRedis): Promise<unknown> {
  const names = Object.values(connection.models).map(({ collection }) => collection.name);
  const documents = names
    .sort()
    .map(async (name) => [name, await connection.collection(name).find().sort({ _id: 1 }).toArray()]);
  return { documents: await Promise.all(documents), redis: await keysOf(url, prefix) };
}

async function keysOf(url: string, prefix: string): Promise<string[]> {
  const redis = new Redis(url);
  const keys = await redis.keys(`${prefix}*`);
  await redis.quit();
  return keys.filter((key) => !key.includes(':guesses:')).sort();
}

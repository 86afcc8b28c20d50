/** Jobs as a foreign writer would put them into Redis, data and options of their own making. */
import type { Redis } from 'ioredis';

/** A name, the data, and further fields. */
export type Junk = [name: string, data: string, fields?: object];

/** Cannot be read by BullMQ. */
export const poison: Junk[] = [
  ['text', 'not JSON at all'],
  ['cut', '{"work":"abc'],
  ['number', 'NaN'],
  ['options', '{"work":"x"}', { opts: 'not JSON' }],
  ['nooptions', '{"work":"x"}', { opts: 'null' }],
  ['again', '{"work":"x"}', { rjk: 'a:b:c:d:e' }],
];

/** Can be read, but names no work. */
export const harmless: Junk[] = [
  ['kept', '{"work":"x"}', { opts: '{"attempts":1e9,"removeOnComplete":false,"backoff":{"type":"none"}}' }],
  ['listed', '{"work":"x"}', { opts: '[1]' }],
  ['longoptions', '{"work":"x"}', { opts: `{"a":"${'x'.repeat(100_000)}"}` }],
  ['parent', '{"work":"x"}', { parent: '{' }],
  ['trace', '{"work":"x"}', { stacktrace: 'not JSON' }],
  ['child', '{"work":"x"}', { parentKey: 'nobody:nothing:1' }],
  ['huge', `{"work":"${'x'.repeat(20_000_000)}"}`],
  ['deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
];

/** `queueKey` is the queue's name with its prefix. */
export async function place(redis: Redis, queueKey: string, [job, data, more = {}]: Junk): Promise<void> {
  const fields = { name: 'command', data, opts: '{"attempts":5}', timestamp: '1', ...more };
  await redis.hset(`${queueKey}:${job}`, fields);
  await redis.lpush(`${queueKey}:wait`, job);
  await redis.zadd(`${queueKey}:marker`, 0, '0');
}

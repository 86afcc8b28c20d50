/** What the nudger asks of Redis beyond adding jobs: finding those that BullMQ itself would give out for ever. */
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { createNudger } from '../../queues/nudger.ts';
import { freshRedis } from '../support/redis.ts';

const { url, prefix } = freshRedis();
const redis = new Redis(url);
const nudger = createNudger({ connection: new Redis(url), prefix });
afterAll(async () => {
  redis.disconnect();
  await nudger.close();
});

test('a job that stalls again and again because its data are not JSON is abandoned, one that is sound is not', async () => {
  for (const [job, data] of [
    ['command-broken-1', '{oops'],
    ['command-sound-1', '{"work":"sound"}'],
  ] as const) {
    await redis.hset(`${prefix}:setup:${job}`, { name: 'command', data, stc: '3' });
    await redis.lpush(`${prefix}:setup:active`, job);
  }
  const [found, ...others] = await nudger.abandoned('setup', 100);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ job: 'command-broken-1', workId: undefined });
  if (found) await nudger.forget(found);
  expect(await redis.lrange(`${prefix}:setup:active`, '0', '-1')).toEqual(['command-sound-1']);
});

/** What the nudger asks of Redis beyond adding jobs: finding those that BullMQ itself would give out for ever. */
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { system } from '../../kernel/actor.ts';
import { openWork } from '../../kernel/work.ts';
import { createNudger } from '../../queues/nudger.ts';
import { lineTo } from '../support/cut.ts';
import { eventually } from '../support/eventually.ts';
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

const who = { actor: system, cause: 'worker', agency: 'north', account: 'acme' } as const;
const item = (id: string) =>
  openWork({ _id: id, queue: 'setup', kind: 'command', schema: 1, payload: {}, ...who }, 'nudged', new Date());

async function throughALine({ commandTimeout = 5_000 } = {}) {
  const line = await lineTo(url);
  const connection = new Redis(line.url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout });
  connection.on('error', () => undefined);
  const nudger = createNudger({ connection, prefix });
  await eventually(() => nudger.isUp());
  const nudged = (id: string) => eventually(() => nudger.isUp() && nudger.nudge(item(id)).then(() => true));
  const close = async () => {
    await nudger.close();
    await line.close();
  };
  return { line, nudger, nudged, close };
}

test('a Redis that does not answer makes the first caller wait for a moment, and nobody else until it answers', async () => {
  const { line, nudger: slow, nudged, close } = await throughALine();
  await nudged('before');

  line.hold();
  const begun = performance.now();
  await expect(slow.nudge(item('meanwhile'))).rejects.toThrow('did not answer');
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect(slow.isUp()).toBe(false);

  line.mend();
  await nudged('after');
  await close();
});

test('a nudger whose first word to Redis was lost reaches it later all the same', async () => {
  const { line, nudger: unlucky, nudged, close } = await throughALine({ commandTimeout: 300 });
  line.hold();
  await expect(unlucky.nudge(item('first'))).rejects.toThrow('did not answer');
  await eventually(() => unlucky.isUp()); // The command was given up.

  line.mend();
  await nudged('second');
  expect(await redis.exists(`${prefix}:setup:command-second-1`)).toBe(1);
  await close();
});

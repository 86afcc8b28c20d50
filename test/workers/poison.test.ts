import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { hashedId, newId } from '../../kernel/ids.ts';
import { systemClock } from '../../kernel/time.ts';
import { openModels, syncIndexes } from '../../models/open.ts';
import { accept } from '../../queues/accept.ts';
import { createNudger } from '../../queues/nudger.ts';
import { createLog } from '../../runtime/log.ts';
import { connectProducer, connectWorker } from '../../runtime/redis.ts';
import type { Context } from '../../workers/machine/context.ts';
import { host } from '../../workers/machine/host.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { setupWorker } from '../../workers/setup.ts';
import { eventually } from '../support/eventually.ts';
import { harmless, place, poison } from '../support/junk.ts';
import { freshDatabase } from '../support/mongo.ts';
import { freshRedis } from '../support/redis.ts';

const log = createLog('test', 'silent');
const models = openModels(await freshDatabase());
await syncIndexes(models);
const { url, prefix } = freshRedis();
const nudger = createNudger({ connection: connectProducer(url, log), prefix });
const context = { models, nudger, clock: systemClock, business: systemClock, log } as unknown as Context;
const redis = new Redis(url);
const connection = connectWorker(url, log);
afterAll(async () => {
  await nudger.close();
  redis.disconnect();
});

describe('a job that cannot be read', () => {
  test('becomes a dead letter, once, while everything else goes on', async () => {
    for (const junk of [...poison, ...harmless]) await place(redis, `${prefix}:setup`, junk);
    const worker = host(setupWorker, context, { connection, prefix });
    const accepted = await Promise.all(Array.from({ length: 10 }, () => ask()));
    const dispatcher = newDispatcher('only');
    await eventually(
      async () => {
        await tick(dispatcher, context);
        const active = await redis.llen(`${prefix}:setup:active`);
        return active === 0 && (await allDead(poison.map(([name]) => name))) && (await allRefused(accepted));
      },
      { within: 25_000, every: 100 },
    );
    const [group] = await models.deadLetters.groups({}, 10);
    expect(group).toMatchObject({ queue: 'setup', kind: 'foreign', held: 0 });
    for (const [name] of poison) expect(await redis.exists(`${prefix}:setup:${name}`)).toBe(0);
    await worker.close();
    connection.disconnect();
  });
});

async function ask(): Promise<string> {
  const who = { actor: { type: 'service' as const, id: 'test' }, cause: 'api' as const, agency: 'a', account: 'b' };
  const payload = { order: 'nowhere', command: { type: 'pause' } };
  const draft = { _id: newId(), queue: 'setup', kind: 'command', schema: 1, payload, order: 'nowhere', ...who };
  return (await accept(draft, { work: models.work, nudger, clock: systemClock })).item._id;
}

async function allDead(jobs: string[]): Promise<boolean> {
  const items = await Promise.all(jobs.map((job) => models.work.get(`foreign-${hashedId('setup', job)}`)));
  return items.every((item) => item?.state === 'dead');
}

async function allRefused(ids: string[]): Promise<boolean> {
  const items = await Promise.all(ids.map((id) => models.work.get(id)));
  return items.every((item) => item?.state === 'refused');
}

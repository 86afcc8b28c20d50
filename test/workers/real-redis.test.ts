/**
 * The machinery on a Redis of its own that is emptied, stopped and fed with rubbish: what is open in MongoDB is done in
 * the end, once. The commands are the tally's of the simulation; workers and dispatcher are the real ones.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NotYet } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { systemClock } from '../../kernel/time.ts';
import { openModels, syncIndexes } from '../../models/open.ts';
import { accept } from '../../queues/accept.ts';
import { createNudger } from '../../queues/nudger.ts';
import { createLog } from '../../runtime/log.ts';
import { connectProducer, connectWorker } from '../../runtime/redis.ts';
import { startRedis } from '../../scripts/servers/redis.ts';
import type { Context } from '../../workers/machine/context.ts';
import { done } from '../../workers/machine/define.ts';
import { host } from '../../workers/machine/host.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { check } from '../simulation/check.ts';
import { ask, letterWorker, newLedger, tallyWorker } from '../simulation/toy.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase } from '../support/mongo.ts';

const dir = await mkdtemp(join(tmpdir(), 'orderworks-redis-'));
let redis = await startRedis({ dir });
const prefix = '{machinery}';
const log = createLog('test', 'silent');
const models = openModels(await freshDatabase());
await syncIndexes(models);
const nudger = createNudger({ connection: connectProducer(redis.url, log), prefix });
const context = { models, nudger, clock: systemClock, business: systemClock, log } as unknown as Context;
const ledger = newLedger();
let stop: (() => Promise<void>)[] = [];

/** Two workers of each queue, as two processes would run them. */
function work(): void {
  for (const worker of [tallyWorker, tallyWorker, letterWorker(ledger)]) {
    const connection = connectWorker(redis.url, log);
    const running = host(worker, context, { connection, prefix });
    stop.push(async () => {
      await running.close(true);
      connection.disconnect();
    });
  }
}

/** Two dispatchers, ticking in turn until everything open is closed; waiting timers are not waited for. */
async function dispatchUntilDry(): Promise<void> {
  const dispatchers = [newDispatcher('one'), newDispatcher('two')];
  await eventually(
    async () => {
      await Promise.all(dispatchers.map((dispatcher) => tick(dispatcher, context).catch(() => false)));
      return (await openAndDue()) === 0;
    },
    { within: 25_000 },
  );
}

const openAndDue = () => models.work.model.collection.countDocuments({ state: 'open', phase: { $ne: 'waiting' } });

async function acceptSome(count: number): Promise<string[]> {
  const run = newId(); // Redis remembers finished jobs: equal ids in two tests would not be nudged again.
  const drafts = Array.from({ length: count }, (_, n) => ask(`${run}-${n % 5}`, `ask-${run}-${n}`, 1));
  await Promise.all(drafts.map((draft) => accept(draft, { work: models.work, nudger, clock: systemClock })));
  return drafts.map(({ _id }) => _id);
}

/** Timers are not due in these tests; everything else must be as if nothing had happened. */
async function faults(accepted: string[]): Promise<string[]> {
  const found = await check(models, { accepted: new Set(accepted), ledger });
  return found.filter((fault) => !fault.startsWith('stuck: timer-'));
}

beforeEach(async () => {
  for (const { model } of [models.work, models.orders, models.audit]) await model.collection.deleteMany({});
  ledger.letters.clear();
});

afterEach(async () => {
  await Promise.all(stop.map((close) => close()));
  stop = [];
});

afterAll(async () => {
  await nudger.close();
  await redis.stop();
  await rm(dir, { recursive: true, force: true });
});

describe('what was accepted', () => {
  test('is done once by two workers and two dispatchers', async () => {
    const accepted = await acceptSome(20);
    work();
    await dispatchUntilDry();
    expect(await faults(accepted)).toEqual([]);
  });

  test('is done though Redis is emptied in the middle', async () => {
    const accepted = await acceptSome(20);
    work();
    await eventually(async () => (await models.work.model.collection.countDocuments({ state: 'done' })) > 3);
    await flush();
    await dispatchUntilDry();
    expect(await faults(accepted)).toEqual([]);
  });

  test('is accepted while Redis is down, and done when it is back', async () => {
    await redis.kill();
    await eventually(() => !nudger.isUp());
    const accepted = await acceptSome(10);
    expect(await models.work.model.collection.countDocuments({ phase: 'ready' })).toBe(10);

    redis = await startRedis({ dir, port: redis.port });
    work();
    await dispatchUntilDry();
    expect(await faults(accepted)).toEqual([]);
  });

  test('is done though its worker put it off more often than a crashing job may start', async () => {
    let turns = 0;
    const busy: typeof tallyWorker = {
      ...tallyWorker,
      handlers: {
        async command() {
          turns += 1;
          if (turns <= 15) throw new NotYet('Others are at it.', 10);
          return done;
        },
      },
    };
    const [accepted] = await acceptSome(1);
    const connection = connectWorker(redis.url, log);
    const running = host(busy, context, { connection, prefix });
    stop.push(async () => {
      await running.close(true);
      connection.disconnect();
    });
    await dispatchUntilDry();
    expect((await models.work.get(accepted ?? ''))?.state).toBe('done');
    expect(turns).toBe(16);
  });

  test('is done though a job of rubbish sits in its queue', async () => {
    const queue = new Queue('setup', { connection: { url: redis.url }, prefix });
    await queue.add('command', { work: 'nobody knows me' }, { jobId: 'command-nobody-1' });
    await queue.add('nonsense', { $set: 1 }, { jobId: 'nonsense-x-1' });
    const accepted = await acceptSome(5);
    work();
    await dispatchUntilDry();
    expect(await faults(accepted)).toEqual([]);
    await queue.close();
  });
});

async function flush(): Promise<void> {
  const connection = connectWorker(redis.url, log);
  await connection.flushall();
  connection.disconnect();
}

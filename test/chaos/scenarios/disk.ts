/** A full disk: of Redis, once with each way of syncing, and of the database. */
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../../kernel/time.ts';
import { eventually } from '../../support/eventually.ts';
import { whyNoDisk } from '../disk.ts';
import { answers } from '../means.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const fullFor = 6_000;

/** Fills the disk for a while; resolves to what clients were answered meanwhile. */
async function filled(world: World, of: 'redis' | 'database') {
  const disk = world.disks?.[of];
  const from = performance.now();
  disk?.fill();
  await wait(fullFor);
  disk?.free();
  return answers(world, from, performance.now());
}

const soon = { within: 5_000, every: 200 };
const yes = () => true;
const no = () => false;

/** As an init system would: what has ended, or does not come round by itself, is started again. */
async function reviveRedis({ redis, client }: World): Promise<string> {
  const writes = () => client.set('written', '1', 'EX', 10).then(yes, no);
  if (await eventually(() => Promise.race([writes(), wait(1_000, false)]), soon).then(yes, no)) return 'went on';
  await redis.kill();
  await redis.start();
  return 'started again';
}

/** A commit may fail between the look at the disk and the write: the embedded server then leaves, and says so. */
const left = 'exit code 74';

async function reviveDatabase({ database, models }: World): Promise<string> {
  const beat = { _id: 'written', name: 'chaos', queues: [], pid: 0, done: 0 };
  const now = systemClock.now();
  const writes = () => models.heartbeats.beat({ ...beat, startedAt: now, at: now, lastDoneAt: now }).then(yes, no);
  if (await eventually(writes, soon).then(yes, no)) return 'went on';
  await database.kill();
  await database.start();
  return 'started again';
}

export const noSpace: Scenario = {
  id: 'D1',
  fault: `a full disk for ${fullFor / 1_000} s: of Redis (everysec, then always), then of the database`,
  threshold:
    'lost 0, duplicates 0, gaps 0; 202s and no 5xx while it is the disk of Redis; all goes on when there is space',
  recoverWithin: 60,
  impossible: whyNoDisk,
  wish: { disks: { redis: 24, database: 192 } },
  async run(world) {
    const { load, client } = world;
    load.begin({ perSecond: 3 });
    await wait(3_000);
    const everysec = await filled(world, 'redis');
    const first = await reviveRedis(world);
    await client.config('SET', 'appendfsync', 'always').catch(() => undefined);
    await wait(1_000);
    const always = await filled(world, 'redis');
    const second = await reviveRedis(world);
    await wait(2_000);
    const database = await filled(world, 'database');
    const ending = world.database.ending();
    const third = await reviveDatabase(world);
    const endedAt = performance.now();
    await wait(2_000);
    await load.end(60_000);
    const failed = everysec.faults + everysec.silent + always.faults + always.silent;
    return {
      endedAt,
      note: `Redis everysec: ${everysec.accepted} accepted, ${first}; always: ${always.accepted} accepted, ${second}; database: ${database.accepted} accepted, ${database.faults} × 5xx, ${third}`,
      missed: [
        ...(ending && ending !== left ? [`the database ended by ${ending} when its disk was full`] : []),
        ...(failed > 0 ? [`${failed} requests failed though only Redis had no space`] : []),
        ...(everysec.accepted > 0 && always.accepted > 0 ? [] : ['nothing was accepted while Redis had no space']),
      ],
    };
  },
};

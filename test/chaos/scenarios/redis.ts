/** Faults of Redis: killed, torn, emptied, away, full, half-deaf, held still. MongoDB is the truth: nothing may be lost. */
import { setTimeout as wait } from 'node:timers/promises';
import { answers, outage, scaled } from '../means.ts';
import { deafProxy } from '../proxy.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const none = 'lost 0, duplicates 0, gaps 0';

/** The API does not need Redis: it goes on accepting, at its usual speed. */
function mustAccept(
  world: World,
  { from, to }: { from: number; to: number },
  limit: number,
): { note: string; missed: string[] } {
  const { all, p99, accepted, faults, silent } = answers(world, from, to);
  return {
    note: `meanwhile ${accepted} of ${all} requests accepted, p99 ${p99} ms`,
    missed: [
      ...(accepted === 0 ? ['nothing was accepted meanwhile'] : []),
      ...(faults + silent > 0 ? [`${faults + silent} requests failed meanwhile`] : []),
      ...(p99 > limit ? [`p99 was ${p99} ms`] : []),
    ],
  };
}

export const killed: Scenario = {
  id: 'R1',
  alone: true,
  fault: 'kill -9 of Redis, down for 5 s, back from its append-only file',
  threshold: `${none}; 202s continue, no 5xx`,
  recoverWithin: 30,
  async run(world) {
    const { redis, load } = world;
    const span = await outage(world, { begin: () => redis.kill(), end: () => redis.start(), ms: 5_000 });
    const endedAt = performance.now();
    await load.end(30_000);
    return { endedAt, ...mustAccept(world, span, Number.POSITIVE_INFINITY) };
  },
};

export const torn: Scenario = {
  id: 'R2',
  fault: 'kill -9 of Redis and the last tenth of its append-only file cut off',
  threshold: none,
  recoverWithin: 45,
  async run(world) {
    const { redis, load } = world;
    const begin = async () => {
      await redis.kill();
      await redis.tear(0.1);
    };
    await outage(world, { begin, end: () => redis.start(), ms: 1_000 });
    const endedAt = performance.now();
    await load.end(30_000);
    return { endedAt, note: 'the last tenth of the file cut off' };
  },
};

export const emptied: Scenario = {
  id: 'R3',
  fault: 'FLUSHALL three times with jobs waiting, active and delayed',
  threshold: none,
  recoverWithin: 30,
  async run(world) {
    const { client, load } = world;
    load.begin({ perSecond: 6 });
    let gone = 0;
    for (let n = 0; n < 3; n += 1) {
      await wait(3_000 + world.random() * 2_000);
      gone += await client.dbsize();
      await client.flushall();
    }
    const endedAt = performance.now();
    await load.end(30_000);
    return { endedAt, note: `${gone} keys gone in three times` };
  },
};

export const away: Scenario = {
  id: 'R4',
  alone: true,
  fault: 'Redis down for 5 minutes under load',
  threshold: `${none}; API p99 ≤ 300 ms, no 5xx`,
  recoverWithin: 60,
  async run(world) {
    const { redis, load } = world;
    const ms = scaled(world, 300_000, 20_000);
    const span = await outage(world, { begin: () => redis.kill(), end: () => redis.start(), ms });
    const endedAt = performance.now();
    await load.end(60_000);
    const { note, missed } = mustAccept(world, span, 300);
    return { endedAt, note: `down for ${ms / 1_000} s; ${note}`, missed };
  },
};

export const full: Scenario = {
  id: 'R5',
  fault: 'Redis out of memory for 10 s: every write is refused',
  threshold: `${none}; 202s continue, no 5xx`,
  recoverWithin: 45,
  async run(world) {
    const { client, load } = world;
    const span = await outage(world, {
      begin: () => client.config('SET', 'maxmemory', '1mb'),
      end: () => client.config('SET', 'maxmemory', '0'),
      ms: 10_000,
    });
    const endedAt = performance.now();
    await load.end(30_000);
    return { endedAt, ...mustAccept(world, span, Number.POSITIVE_INFINITY) };
  },
};

const proxies: Awaited<ReturnType<typeof deafProxy>>[] = [];

export const halfDeaf: Scenario = {
  id: 'R6',
  fault: 'connections to Redis cut after the command went through, before its reply',
  threshold: `${none}; one job for each nudge`,
  recoverWithin: 45,
  wish: {
    redisUrl: async (direct) => {
      const proxy = await deafProxy(direct);
      proxies.push(proxy);
      return proxy.url;
    },
  },
  async run(world) {
    const { load } = world;
    const proxy = proxies.pop();
    load.begin({ perSecond: 5 });
    await wait(3_000);
    for (let n = 0; n < 12; n += 1) {
      await wait(400 + world.random() * 800);
      proxy?.deafen();
    }
    const endedAt = performance.now();
    await load.end(30_000);
    return { endedAt, note: `${proxy?.cut() ?? 0} replies lost` };
  },
};

export const heldStill: Scenario = {
  id: 'R7',
  alone: true,
  fault: 'SIGSTOP of Redis for 20 s',
  threshold: `${none}; the workers go on by themselves`,
  recoverWithin: 45,
  async run(world) {
    const { redis, load } = world;
    const span = await outage(world, { begin: redis.pause, end: redis.resume, ms: 20_000 });
    const endedAt = performance.now();
    await load.end(30_000);
    return { endedAt, ...mustAccept(world, span, Number.POSITIVE_INFINITY) };
  },
};

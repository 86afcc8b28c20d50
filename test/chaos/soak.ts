/**
 * A soak: steady load, and a random fault every 5 to 10 seconds for as long as wanted, all in one world. The faults are
 * drawn from the seed; at the end everything must come to rest and pass the checker like any scenario.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { pick } from './means.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

type Harm = (world: World, ms: number) => Promise<unknown>;

const harms: Record<string, Harm> = {
  'kill a worker': (world) => pick(world, world.workers).kill(),
  'kill the dispatcher': ({ dispatchers }) => Promise.all(dispatchers.map((one) => one.kill())),
  'kill the api': ({ api }) => api.kill(),
  'stop a worker': (world, ms) => held(pick(world, world.workers), ms * 2),
  'empty redis': ({ client }) => client.flushall(),
  'kill redis': ({ redis }, ms) => replaced(redis, ms),
  'stop redis': ({ redis }, ms) => held(redis, ms),
  'kill the database': ({ database }, ms) => replaced(database, ms / 4),
  'stop the database': ({ database }, ms) => held(database, ms),
};

export function soak(minutes: number): Scenario {
  return {
    id: 'SOAK',
    fault: `a random fault every 5 to 10 s for ${minutes} minutes`,
    threshold: 'lost 0, duplicates 0, gaps 0',
    recoverWithin: 60,
    longest: minutes * 60_000 + 300_000,
    async run(world) {
      const until = performance.now() + minutes * 60_000;
      const counts = new Map<string, number>();
      world.load.begin({ perSecond: 4 });
      while (performance.now() < until) {
        await wait(5_000 + world.random() * 5_000);
        const name = pick(world, Object.keys(harms));
        counts.set(name, (counts.get(name) ?? 0) + 1);
        await harms[name]?.(world, 2_000 + world.random() * 8_000);
      }
      const endedAt = performance.now();
      await world.load.end(60_000);
      return { endedAt, note: [...counts].map(([name, count]) => `${count} × ${name}`).join(', ') };
    },
  };
}

async function held(thing: { pause(): void; resume(): void }, ms: number): Promise<void> {
  thing.pause();
  await wait(ms);
  thing.resume();
}

async function replaced(server: { kill(): Promise<void>; start(): Promise<void> }, ms: number): Promise<void> {
  await server.kill();
  await wait(ms);
  await server.start();
}

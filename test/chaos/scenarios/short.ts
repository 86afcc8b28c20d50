/** The most telling faults in one world, for every run of the tests: workers, Redis and database each die once. */
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import { arm, type Fate, meets } from '../means.ts';
import type { Scenario } from '../scenario.ts';

const orders = 30;

export const short: Scenario = {
  id: 'F0',
  fault:
    'a worker killed before its commit, one after; Redis emptied and killed; the database killed; one after the other',
  threshold: 'lost 0, duplicates 0, gaps 0',
  recoverWithin: 120,
  async run(world) {
    const { load, workers, client, redis, database } = world;
    load.begin({ perSecond: 5, most: orders });
    const fates: Fate[] = [
      { point: 'orders.commit:before', act: 'die', nth: 1 },
      { point: 'orders.commit:after', act: 'die', nth: 1 },
    ];
    let met = 0;
    for (const [index, fate] of fates.entries()) {
      const victim = workers[index];
      if (!victim) continue;
      await arm(victim, fate);
      if (await meets(victim, fate)) met += 1;
    }
    await client.flushall();
    await wait(500);
    await database.kill();
    await database.start();
    await redis.kill();
    await redis.start();
    const endedAt = performance.now();
    await load.end(60_000);
    return {
      endedAt,
      note: `${met} of ${fates.length} points`,
      missed: met === fates.length ? [] : ['a point was not reached'],
    };
  },
};

/** Two workers hold one version of one order: one is held before its commit, and goes on when the other has written. */
export const fence: Scenario = {
  id: 'F1',
  fault: 'a worker held before a commit until another has done its job',
  threshold: 'lost 0, duplicates 0, gaps 0; ≥ 1 stale write turned away',
  recoverWithin: 120,
  async run(world) {
    const { load, workers } = world;
    const [first] = workers;
    if (!first) throw new Error('There are two workers.');
    const fate: Fate = { point: 'orders.commit:before', act: 'stop', nth: 1 };
    await arm(first, fate);
    load.begin({ perSecond: 4, most: 12 });
    const isMet = await meets(first, fate);
    // Its jobs are given to the other worker once their locks have run out: lock and stalled interval, and a little.
    await wait(17_000);
    first.resume();
    await eventually(async () => (await first.says(`past ${fate.point}`)) > 0);
    const endedAt = performance.now();
    await load.end(60_000);
    const rejected = await first.says('chaos: stale write rejected');
    const missed = [
      ...(isMet ? [] : ['no worker came to a commit']),
      ...(rejected > 0 ? [] : ['no stale write was turned away']),
    ];
    return { endedAt, note: `${rejected} stale writes turned away`, missed };
  },
};

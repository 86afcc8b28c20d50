/** Faults of worker processes: killed, held still, blocked, killed at every step, told to stop, crashing for ever. */
import { setTimeout as wait } from 'node:timers/promises';
import { arm, type Fate, meets, othersKeep, paceOf, pick, scaled } from '../means.ts';
import { heldBy, redelivery } from '../redelivery.ts';
import type { Measured, Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const none = 'lost 0, duplicates 0, gaps 0';

export const killed: Scenario = {
  id: 'W1',
  alone: true,
  fault: 'kill -9 of a random worker every 5 s, 20 times',
  threshold: `${none}; redelivered ≤ 17 s`,
  recoverWithin: 60,
  async run(world) {
    const { load } = world;
    const times = scaled(world, 20, 4);
    load.begin({ perSecond: 5 });
    const waits: Promise<number>[] = [];
    let jobs = 0;
    for (let n = 0; n < times; n += 1) {
      await wait(5_000);
      const held = await heldBy(world);
      await pick(world, world.workers).kill();
      jobs += held.length;
      waits.push(redelivery(world, held));
    }
    const endedAt = performance.now();
    await load.end(60_000);
    const longest = Math.max(...(await Promise.all(waits)));
    return {
      endedAt,
      note: `${times} kills, ${jobs} jobs under way, ${load.created()} orders, redelivered after ≤ ${longest.toFixed(1)} s`,
      missed: longest > 17 ? [`redelivered after ${longest.toFixed(1)} s`] : [],
    };
  },
};

const lockTwice = 20_000;

/** One worker is a zombie before its commit, one after its mail was taken; a third lives and gets their jobs. */
async function zombies(world: World, act: 'stop' | 'block'): Promise<Measured> {
  const { workers, load, spawn } = world;
  const [first, second] = workers;
  if (!first || !second) throw new Error('There are two workers.');
  const commit: Fate = { point: 'orders.commit:before', nth: 4, act, ms: lockTwice };
  const mailed: Fate = { point: 'notifications.findOneAndUpdate:before', nth: 3, act, ms: lockTwice };
  await Promise.all([arm(first, commit), arm(second, mailed)]);
  load.begin({ perSecond: 4 });
  const met = await Promise.all([meets(first, commit), meets(second, mailed)]);
  await spawn('worker3', 'workers/main.ts').start();
  await wait(lockTwice);
  if (act === 'stop') for (const zombie of workers) zombie.resume();
  const endedAt = performance.now();
  await load.end(60_000);
  const rejected = await first.says('chaos: stale write rejected');
  const missed = [
    ...(met.every(Boolean) ? [] : ['a worker never came to its point']),
    ...(rejected === 0 ? ['no stale write was turned away'] : []),
  ];
  return { endedAt, note: `${rejected} stale writes turned away by the fence`, missed };
}

export const heldStill: Scenario = {
  id: 'W2',
  fault: 'SIGSTOP of two workers for 20 s (twice the lock), one before a commit, one after its mail was taken',
  threshold: `${none}; ≥ 1 stale write turned away`,
  recoverWithin: 45,
  run: (world) => zombies(world, 'stop'),
};

export const blocked: Scenario = {
  id: 'W3',
  fault: 'event loop blocked for 20 s inside a handler, before a commit and after a mail',
  threshold: `${none}; ≥ 1 stale write turned away`,
  recoverWithin: 45,
  run: (world) => zombies(world, 'block'),
};

const points = [
  ...['orders.insertOne', 'orders.commit', 'work.insertMany', 'orders.finish', 'work.settle', 'links.insertOne'],
  ...['links.finish', 'approvals.insertOne', 'notifications.insertOne', 'audit.insertMany'],
  ...['notifications.findOneAndUpdate'],
].flatMap((call) => [`${call}:before`, `${call}:after`]);

/** Reached only by who is given a mail that another one has left in the middle. */
const afterAnother = ['notifications.updateOne:before', 'notifications.updateOne:after'];

/** One worker dies while it sends; whoever gets that mail dies, too. */
async function killTheNext({ workers }: World, point: string): Promise<boolean> {
  const [first] = workers;
  if (!first) throw new Error('There are two workers.');
  await arm(first, { point: 'notifications.findOneAndUpdate:before', act: 'die', nth: 1 });
  const died = await Promise.race([first.death().then(() => true), wait(30_000, false, { ref: false })]);
  if (!died) return false;
  const fate: Fate = { point, act: 'die', nth: 1 };
  await Promise.all(workers.map((worker) => arm(worker, fate)));
  return meets(workers, fate);
}

export const everyStep: Scenario = {
  id: 'W4',
  fault: 'kill -9 at every step of every handler, before and after each write; of the API and the dispatcher likewise',
  threshold: `${none}; all points reached`,
  recoverWithin: 60,
  async run(world) {
    const { api, dispatchers, load } = world;
    const unmet: string[] = [];
    load.begin({ perSecond: 4 });
    const pointsOf = [
      ...points.map((point, index) => ({ point, victim: world.workers[index % 2] })),
      ...['work.insertOne:before', 'work.insertOne:after'].map((point) => ({ point, victim: api })),
      ...['work.updateMany:before', 'work.updateMany:after'].map((point) => ({ point, victim: dispatchers[0] })),
    ];
    for (const { point, victim } of pointsOf) {
      if (!victim) continue;
      const fate: Fate = { point, act: 'die', nth: 1 + Math.floor(world.random() * 3) };
      await arm(victim, fate);
      if (!(await meets(victim, fate, 30_000))) unmet.push(point);
    }
    for (const point of afterAnother) if (!(await killTheNext(world, point))) unmet.push(point);
    const all = pointsOf.length + afterAnother.length;
    const endedAt = performance.now();
    await load.end(60_000);
    const missed = unmet.map((point) => `never reached ${point}`);
    return { endedAt, note: `${all - unmet.length} of ${all} points`, missed };
  },
};

const mostToStop = 26_000;

export const toldToStop: Scenario = {
  id: 'W5',
  alone: true,
  fault: 'SIGTERM of a worker under load while one of its handlers hangs',
  threshold: `${none}; gone ≤ 25 s`,
  recoverWithin: 45,
  async run(world) {
    const [first] = world.workers;
    if (!first) throw new Error('There are two workers.');
    const fate: Fate = { point: 'links.insertOne:before', act: 'hang' };
    await arm(first, fate);
    world.load.begin({ perSecond: 4 });
    const met = await meets(first, fate);
    const { ms } = await first.stop();
    const endedAt = performance.now();
    await first.start();
    const missed = [...(met ? [] : ['no handler hung']), ...(ms > mostToStop ? [`it took ${Math.round(ms)} ms`] : [])];
    return { endedAt, note: `gone after ${(ms / 1_000).toFixed(1)} s`, missed };
  },
};

const poison = 'this order crashes its worker';
const poisonKey = 'the-poison';
const warmUp = 8_000;
/** Given out once, and three times again. */
const mostCrashes = 4;

export const crashLoop: Scenario = {
  id: 'W6',
  alone: true,
  fault: 'a job that ends its worker process whenever it runs, among good ones',
  threshold: `${none}; dead after ≤ 3 redeliveries, nothing else is; others keep ≥ 80 % of their throughput`,
  recoverWithin: 90,
  wish: { workers: { preload: ['crash.ts'], env: { CHAOS_CRASH_ON: poison } } },
  async run(world) {
    const { load, workers } = world;
    load.begin({ perSecond: 2 });
    await wait(warmUp);
    const from = performance.now();
    await wait(warmUp);
    const before = workers.reduce((sum, worker) => sum + worker.starts(), 0);
    const answer = await load.create({ title: poison, key: poisonKey });
    const { job } = answer.body as { job: { id: string } };
    const begun = performance.now();
    while ((await world.models.work.get(job.id))?.state === 'open' && performance.now() - begun < 180_000)
      await wait(500);
    const endedAt = performance.now();
    const item = await world.models.work.get(job.id);
    const crashes = workers.reduce((sum, worker) => sum + worker.starts(), 0) - before;
    const others = othersKeep(await paceOf(world, from, begun), await paceOf(world, begun, endedAt));
    return {
      endedAt,
      note: `${crashes} crashes, dead after ${((endedAt - begun) / 1_000).toFixed(0)} s; ${others.note}`,
      missed: [
        ...(item?.state === 'dead' ? [] : [`the poison job is ${item?.state}`]),
        ...(crashes > mostCrashes ? [`it was given out ${crashes} times`] : []),
        ...others.missed,
      ],
    };
  },
  expects: ({ kind, what }, { load }) => {
    const job = load.acked.entries.find(({ key }) => key === poisonKey)?.job;
    return kind === 'dead' && job !== undefined && what.startsWith(job);
  },
};

/**
 * How long it takes until a large backlog has had its turn, after Redis was emptied. The windows let no more be nudged
 * than workers carry out; so the workers rest here, what is nudged counts as done at once, and what is measured is the
 * dispatcher alone.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { system } from '../../../kernel/actor.ts';
import { systemClock } from '../../../kernel/time.ts';
import { openWork, type WorkItem } from '../../../kernel/work.ts';
import type { Scenario } from '../scenario.ts';

const backlog = 100_000;
const accounts = 200;
const atOnce = 5_000;
const within = 60;
const inQueue = { state: 'open', queue: 'setup' };

function itemOf(n: number): WorkItem {
  const order = `nobody-${n}`;
  const who = { actor: system, cause: 'worker', agency: 'north', account: `backlog${n % accounts}`, order } as const;
  const payload = { order, command: { type: 'pause' } };
  return openWork(
    { _id: `backlog-${n}`, queue: 'setup', kind: 'command', schema: 1, payload, ...who },
    'ready',
    systemClock.now(),
  );
}

export const manyOpen: Scenario = {
  id: 'R3L',
  alone: true,
  fault: `FLUSHALL with ${backlog.toLocaleString('en')} items open`,
  threshold: `lost 0; ${backlog.toLocaleString('en')} nudged ≤ ${within} s`,
  recoverWithin: 75,
  async run(world) {
    const { client, models, dispatchers, workers } = world;
    const work = models.work.model.collection;
    for (const process of [...dispatchers, ...workers]) process.pause();
    for (let from = 0; from < backlog; from += atOnce) {
      const many = Array.from({ length: atOnce }, (_, n) => itemOf(from + n));
      await work.insertMany(many as never, { ordered: false });
    }
    await client.flushall();
    for (const dispatcher of dispatchers) dispatcher.resume();
    const endedAt = performance.now();
    const left = () => work.countDocuments({ ...inQueue, phase: 'ready' }, { limit: 1 });
    while ((await left()) > 0 && performance.now() - endedAt < 300_000) {
      const settled = { state: 'superseded', settledAt: systemClock.now() };
      await work.updateMany({ ...inQueue, phase: 'nudged' }, { $set: settled });
      await wait(20);
    }
    const took = (performance.now() - endedAt) / 1_000;
    await work.updateMany({ state: 'open' }, { $set: { state: 'superseded', settledAt: systemClock.now() } });
    await client.flushall();
    for (const worker of workers) worker.resume();
    const perSecond = Math.round(backlog / took);
    return {
      endedAt,
      note: `${backlog} nudged in ${took.toFixed(1)} s, ${perSecond}/s`,
      missed: took > within ? [`${took.toFixed(1)} s for ${backlog}`] : [],
    };
  },
};

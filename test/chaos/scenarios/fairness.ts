/** One account with a huge backlog, and others who want something now: they wait little longer, and it gets its share. */
import { setTimeout as wait } from 'node:timers/promises';
import { system } from '../../../kernel/actor.ts';
import { systemClock } from '../../../kernel/time.ts';
import { openWork, type WorkItem } from '../../../kernel/work.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const backlog = 50_000;
const atOnce = 5_000;
const probes = 60;
const pause = 100;
const most = { times: 5, above: 150 };
const least = 500;
const account = 'the-big-one';

/** The cheapest that passes through all of the machinery: a command to an order that is not there. */
function itemOf(id: string, owner: string): WorkItem {
  const who = { actor: system, cause: 'worker', agency: 'north', account: owner } as const;
  const payload = { order: `no-${id}`, command: { type: 'pause' } };
  return openWork({ _id: id, queue: 'setup', kind: 'command', schema: 1, payload, ...who }, 'ready', systemClock.now());
}

/** The slowest of twenty among what others ask, in ms from being there until it is settled. */
async function p95({ models }: World, name: string): Promise<number> {
  const ids = Array.from({ length: probes }, (_, n) => `${name}-${n}`);
  for (const [n, id] of ids.entries()) {
    await models.work.insert(itemOf(id, `other${n % 10}`));
    await wait(pause);
  }
  const took = await eventually(
    async () => {
      const items = await Promise.all(ids.map((id) => models.work.get(id)));
      const times = items.map((item) => (item?.settledAt ? item.settledAt.getTime() - item.createdAt.getTime() : -1));
      return times.every((ms) => ms >= 0) ? times : undefined;
    },
    { within: 60_000, every: 250 },
  );
  return took.sort((a, b) => a - b)[Math.floor(probes * 0.95)] ?? 0;
}

export const oneHuge: Scenario = {
  id: 'N1',
  alone: true,
  fault: `one account with ${backlog.toLocaleString('en')} open items beside others that ask for one thing at a time`,
  threshold: `others' p95 ≤ ${most.times} × idle and ≤ ${most.above} ms above it; the one is served at ≥ ${least}/s`,
  recoverWithin: 120,
  async run(world) {
    const { models } = world;
    const work = models.work.model.collection;
    await p95(world, 'first');
    const idle = await p95(world, 'idle');
    for (let from = 0; from < backlog; from += atOnce) {
      const items = Array.from({ length: atOnce }, (_, n) => itemOf(`big-${from + n}`, account));
      await work.insertMany(items as never, { ordered: false });
    }
    const settled = () => work.countDocuments({ account, state: { $ne: 'open' } });
    await wait(1_000);
    const [before, begun] = [await settled(), performance.now()];
    const busy = await p95(world, 'busy');
    const perSecond = ((await settled()) - before) / ((performance.now() - begun) / 1_000);
    const rest = { state: 'open', queue: 'setup', phase: 'ready', account };
    await work.updateMany(rest, { $set: { state: 'superseded', settledAt: systemClock.now() } });
    const endedAt = performance.now();
    const isFair = busy <= idle * most.times && busy - idle <= most.above;
    return {
      endedAt,
      note: `others' p95 ${idle} ms idle, ${busy} ms beside it; it was served at ${Math.round(perSecond)}/s`,
      missed: [
        ...(isFair ? [] : [`others waited ${busy} ms, ${idle} ms when idle`]),
        ...(perSecond < least ? [`it was served at only ${Math.round(perSecond)}/s`] : []),
      ],
    };
  },
};

/** Faults of operating it: a clock that is wrong, and workers of two versions side by side. */
import { setTimeout as wait } from 'node:timers/promises';
import { system } from '../../../kernel/actor.ts';
import { after, hours, minutes, systemClock } from '../../../kernel/time.ts';
import { openWork, type WorkDraft } from '../../../kernel/work.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const none = 'lost 0, duplicates 0, gaps 0';

/** A command that pauses an order, as a timer or a newer version would leave it. */
function pauseOf(order: string, rest: Partial<WorkDraft>): WorkDraft {
  const who = { actor: system, cause: 'timer', agency: 'north', account: 'account1', order } as const;
  const payload = { order, command: { type: 'pause' } };
  return {
    _id: `late-${order}`,
    queue: 'setup',
    kind: 'command',
    schema: 1,
    payload,
    ...who,
    reason: 'A trial.',
    ...rest,
  };
}

async function anOrder({ load, models }: World): Promise<string> {
  const { body } = await load.create({ product: 'listings' });
  const { id } = (body as { order: { id: string } }).order;
  await eventually(() => models.orders.get(id), { within: 60_000 });
  return id;
}

export const wrongClock: Scenario = {
  id: 'T1',
  fault: 'a worker whose clock is an hour ahead, one an hour behind, one that jumps ahead while it works',
  threshold: `${none}; no timer early; a clock that is wrong at the start is refused`,
  recoverWithin: 45,
  async run(world) {
    const { load, models, spawn } = world;
    const order = await anOrder(world);
    const timer = pauseOf(order, { runAt: after(systemClock.now(), minutes(30)) });
    await models.work.insert(openWork(timer, 'ready', systemClock.now()));
    const life = (skew: number, later: Record<string, string> = {}) => ({
      preload: ['clock.ts'],
      env: { CHAOS_SKEW: String(skew), ...later },
    });
    const refused = await Promise.all(
      [hours(1), hours(-1)].map(async (skew, index) => {
        const worker = spawn(`worker${index + 3}`, 'workers/main.ts', life(skew));
        const started = worker.start().catch(() => undefined);
        const isRefused = await eventually(async () => (await worker.says("from the database's clock")) > 0, {
          within: 60_000,
        }).then(
          () => true,
          () => false,
        );
        await worker.kill(false);
        void started;
        return isRefused;
      }),
    );
    load.begin({ perSecond: 4 });
    const jumps = spawn('worker5', 'workers/main.ts', life(hours(1), { CHAOS_SKEW_LATER: 'yes' }));
    await jumps.start();
    process.kill(jumps.pid(), 'SIGUSR2');
    await wait(15_000);
    const endedAt = performance.now();
    await load.end(30_000);
    const item = await models.work.get(timer._id);
    return {
      endedAt,
      note: `${refused.filter(Boolean).length} of 2 wrong clocks refused at the start; the timer is ${item?.phase}`,
      missed: [
        ...(refused.every(Boolean) ? [] : ['a worker with a wrong clock was let in']),
        ...(item?.state === 'open' ? [] : [`the timer is ${item?.state}, half an hour early`]),
      ],
    };
  },
};

export const twoVersions: Scenario = {
  id: 'G1',
  fault:
    'items of a newer version and of an unknown kind among old workers; a rolling restart under load, old and new side by side',
  threshold: `${none}; left alone by the old, done by the newer`,
  recoverWithin: 60,
  async run(world) {
    const { load, models, workers } = world;
    const [known, unknown] = [await anOrder(world), await anOrder(world)];
    const newer = pauseOf(known, { schema: 2 });
    const other = pauseOf(unknown, { kind: 'postpone', schema: 2 });
    for (const draft of [newer, other]) await models.work.insert(openWork(draft, 'ready', systemClock.now()));
    load.begin({ perSecond: 3 });
    await wait(13_000);
    const before = await Promise.all([newer, other].map(({ _id }) => models.work.get(_id)));
    for (const worker of workers) {
      await worker.stop();
      await worker.start({ preload: ['newer.ts'] });
      await wait(5_000); // Old and new side by side.
    }
    const endedAt = performance.now();
    const done = async () => (await models.work.get(newer._id))?.state === 'done';
    const isDone = await eventually(done, { within: 60_000 }).then(
      () => true,
      () => false,
    );
    await load.end(30_000);
    await models.work.model.collection.deleteOne({ _id: other._id as never });
    return {
      endedAt,
      note: `before the restart: ${before.map((item) => item?.state).join(', ')}`,
      missed: [
        ...(before.every((item) => item?.state === 'open') ? [] : ['an old worker did not leave it alone']),
        ...(isDone ? [] : ['the newer workers did not do it']),
      ],
    };
  },
  expects: ({ what }) => what.includes('postpone-'),
};

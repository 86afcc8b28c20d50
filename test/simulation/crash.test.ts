/** A process dies at every single call it makes to the outside, before it and after it; another one finishes the work. */
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { after, systemClock } from '../../kernel/time.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { accept } from '../../queues/accept.ts';
import type { Context } from '../../workers/machine/context.ts';
import { perform } from '../../workers/machine/define.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { freshDatabase } from '../support/mongo.ts';
import { check } from './check.ts';
import { dieAt } from './die-at.ts';
import { gated } from './gated.ts';
import { createSimulatedQueue, type SimulatedJob } from './queue.ts';
import type { Step } from './scheduler.ts';
import { ask, letterWorker, newLedger, tallyWorker } from './toy.ts';

type World = Awaited<ReturnType<typeof aWorld>>;
type Act = (step: Step, world: World) => Promise<unknown>;

const free: Step = (_, act) => act();

async function aWorld(models: Models) {
  for (const { model } of [models.work, models.orders, models.audit]) await model.collection.deleteMany({});
  const queue = createSimulatedQueue(() => 0.5, { lose: 0, loseReply: 0 });
  const ledger = newLedger();
  let now = systemClock.now();
  const clock = { now: () => now };

  function context(step: Step): Context {
    const orders = gated(models.orders, step);
    const ports = { ...models, work: gated(models.work, step), orders, streams: [orders] };
    const nudger = gated(queue.nudger, step);
    return { models: ports, nudger, clock, business: clock, log: pino({ level: 'silent' }) } as unknown as Context;
  }

  async function run(job: SimulatedJob, step: Step): Promise<void> {
    await perform(job.queue === 'setup' ? tallyWorker : letterWorker(ledger), job as never, context(step));
    job.state = 'finished';
  }

  /** What the living do afterwards: the stall check, the dispatcher, a worker. */
  async function recover(): Promise<void> {
    const dispatcher = newDispatcher('rescue');
    for (let round = 0; round < 12; round += 1) {
      now = after(now, 11_000);
      queue.redeliver();
      await tick(dispatcher, context(free));
      for (let job = queue.take(0); job; job = queue.take(0)) await run(job, free);
    }
  }
  return { queue, ledger, context, run, recover, models };
}

const accepting: Act = (step, { context }) => {
  const { models, nudger, clock } = context(step);
  return accept(ask('order0', 'ask-1', 1), { work: models.work, nudger, clock });
};

const working: Act = async (step, world) => {
  await accepting(free, world);
  const job = world.queue.take(0);
  if (job) await world.run(job, step);
};

const dispatching: Act = async (step, world) => {
  await accepting(free, world);
  world.queue.empty();
  await world.models.work.recall(new Date(0));
  await tick(newDispatcher('mortal'), world.context(step));
};

describe('a process that dies', async () => {
  const models = openModels(await freshDatabase());
  await syncIndexes(models);

  test.each([
    { doing: 'accepting', act: accepting, least: 3 },
    { doing: 'working', act: working, least: 7 },
    { doing: 'dispatching', act: dispatching, least: 8 },
  ])('at any call while $doing loses nothing and doubles nothing', { timeout: 120_000 }, async ({ act, least }) => {
    const whole = await aWorld(models);
    const calls = await dieAt((step) => act(step, whole), 1_000, 'before');
    expect(calls.length).toBeGreaterThanOrEqual(least);
    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const world = await aWorld(models);
        await dieAt((step) => act(step, world), index + 1, when);
        await accepting(free, world); // The client repeats what got no answer.
        await world.recover();
        const faults = await check(models, { accepted: new Set(['ask-1']), ledger: world.ledger });
        expect({ call, when, faults }).toEqual({ call, when, faults: [] });
      }
    }
  });
});

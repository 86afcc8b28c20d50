/** A process dies at every single call that a check makes to the outside; another one finishes, and the order hears once. */
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { after, systemClock } from '../../kernel/time.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { accept } from '../../queues/accept.ts';
import { workers } from '../../workers/index.ts';
import type { Context } from '../../workers/machine/context.ts';
import { perform } from '../../workers/machine/define.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { stateOf } from '../../workflows/words/state.ts';
import { anOrder, doer, walk } from '../support/given.ts';
import { freshDatabase } from '../support/mongo.ts';
import { theSites } from '../support/sites.ts';
import { dieAt } from './die-at.ts';
import { gated } from './gated.ts';
import { createSimulatedQueue, type SimulatedJob } from './queue.ts';
import type { Step } from './scheduler.ts';

const free: Step = (_, act) => act();
const order = 'order-1';
const published = { title: 'Healthy teeth in three habits', url: 'https://example.com/blog/healthy-teeth' };
const items = [{ ...published, how: 'published', meta: true }];

/** Each with an account of its own: how many items of one are nudged is remembered for a second. */
async function aWorld(account: string, models: Models, { outside, dns }: Pick<Context, 'outside' | 'dns'>) {
  for (const { model } of [models.work, models.orders, models.audit]) await model.collection.deleteMany({});
  const queue = createSimulatedQueue(() => 0.5, { lose: 0, loseReply: 0 });
  let now = systemClock.now();
  const clock = { now: () => now };

  function context(step: Step): Context {
    const orders = gated(models.orders, step);
    const ports = { ...models, work: gated(models.work, step), orders, streams: [orders] };
    const reach = {
      outside: outside && gated(outside, step),
      dns: gated(dns, step),
      nudger: gated(queue.nudger, step),
    };
    const rest = { clock, business: clock, log: pino({ level: 'silent' }) };
    return { models: ports, ...reach, ...rest } as unknown as Context;
  }

  async function run(job: SimulatedJob, step: Step): Promise<void> {
    const worker = workers[job.queue];
    if (worker && job.queue !== 'notifications') await perform(worker, job as never, context(step));
    job.state = 'finished';
  }

  async function publish(): Promise<void> {
    const state = { ...walk(anOrder('content'), 'publish'), timers: {} };
    const who = { actor: doer, cause: 'api' as const, agency: 'agency', account, order };
    const entry = { at: now, work: 'made', ...who, action: 'create-order', outcome: 'done' as const, events: [] };
    const set = { agency: 'agency', account, state };
    await models.orders.create(order, { entry, effects: [], set, dueAt: now });
    const command = { type: 'complete-stage', stage: 'publish', data: { items } };
    const draft = { ...who, _id: 'publish', queue: 'setup', kind: 'command', schema: 1, payload: { order, command } };
    await accept(draft, { ...context(free), work: models.work });
    const job = queue.take(0);
    if (job) await run(job, free);
  }

  /** The job of this kind, which lies there to be taken. */
  function take(kind: string): SimulatedJob {
    for (let job = queue.take(0); job; job = queue.take(0)) if (job.name === kind) return job;
    throw new Error(`There is no ${kind} to be done.`);
  }

  async function recover(): Promise<void> {
    const dispatcher = newDispatcher('rescue');
    for (let round = 0; round < 8; round += 1) {
      now = after(now, 11_000);
      queue.redeliver();
      await tick(dispatcher, context(free));
      for (let job = queue.take(0); job; job = queue.take(0)) await run(job, free);
    }
  }
  return { run, take, publish, recover };
}

describe('a process that dies while it looks', async () => {
  const models = openModels(await freshDatabase());
  await syncIndexes(models);
  const { ports } = await theSites();

  test('leaves an order that hears once what was found', { timeout: 240_000 }, async () => {
    const whole = await aWorld('account', models, ports);
    await whole.publish();
    const calls = await dieAt((step) => whole.run(whole.take('check'), step), 1_000, 'before');
    expect(calls.filter((call) => call === 'page').length).toBeGreaterThan(2);
    expect(calls).toContain('insert');

    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const world = await aWorld(`account-${index}-${when}`, models, ports);
        await world.publish();
        const job = world.take('check');
        await dieAt((step) => world.run(job, step), index + 1, when);
        await world.recover();
        const found = await models.orders.get(order);
        const heard = found?.history.filter(({ action }) => action === 'record-check').length;
        const is = found && stateOf(found.state, 'live');
        expect({ call, when, heard, status: is?.status }).toEqual({ call, when, heard: 1, status: 'done' });
      }
    }
  });
});

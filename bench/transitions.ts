/**
 * How fast orders move with every guard on: orders × stages, each stage one conditional write, one notification and the
 * next command; beside a bare BullMQ job that does one findOneAndUpdate and adds the next, in the same run.
 */
import { Queue, Worker } from 'bullmq';
import { z } from 'zod';
import { system } from '../kernel/actor.ts';
import { systemClock } from '../kernel/time.ts';
import { type EffectDraft, openWork, type WorkItem } from '../kernel/work.ts';
import type { Models } from '../models/open.ts';
import type { Order } from '../models/order.ts';
import { defineQueue, idempotent } from '../queues/contract.ts';
import { createNudger } from '../queues/nudger.ts';
import { createLog } from '../runtime/log.ts';
import { connectProducer, connectWorker } from '../runtime/redis.ts';
import { apply, type Decision } from '../workers/machine/apply.ts';
import type { Context } from '../workers/machine/context.ts';
import { defineWorker, done } from '../workers/machine/define.ts';
import { host } from '../workers/machine/host.ts';
import { newDispatcher, tick } from '../workers/machine/tick.ts';
import { openStage, type Stage } from './stage.ts';

const stages = 6;
const accounts = 40;
const concurrency = 100;
const prefix = '{bench}';

const setup = defineQueue('setup', { command: idempotent(z.object({ order: z.string(), stage: z.number() })) });
const notifications = defineQueue('notifications', {
  send: idempotent(z.object({ order: z.string(), stage: z.number() })),
});

const mover = defineWorker({
  queue: setup,
  concurrency,
  handlers: {
    command: ({ order: id, stage }, item, context) =>
      apply({ stream: context.models.orders, id, item, action: 'move', decide: () => move(id, stage, item) }, context),
  },
});

const sender = defineWorker({ queue: notifications, concurrency, handlers: { send: async () => done } });

/** `--orders N` (2,000), `--json`. */
export async function run(args: string[]): Promise<void> {
  const orders = Number(args[args.indexOf('--orders') + 1] || 0) || 2_000;
  const stage = await openStage();
  const whole = await measureMachinery(stage, orders);
  const bare = await measureBare(stage, orders);
  const figures = {
    perSecond: Math.round(whole.perSecond),
    bare: Math.round(bare),
    ratio: Number((whole.perSecond / bare).toFixed(3)),
    commandsPerTransition: Number(whole.commands.toFixed(2)),
  };
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(figures)}\n` : inWords(figures, stage.database));
  await stage.close();
}

function inWords({ perSecond, bare, ratio, commandsPerTransition }: Record<string, number>, database: string): string {
  return [
    `Database: ${database}`,
    `${perSecond} transitions/s, ${commandsPerTransition} database commands each, a notification beside each`,
    `${bare} bare jobs/s with one findOneAndUpdate each`,
    `ratio ${ratio}\n`,
  ].join('\n');
}

async function measureMachinery({ models, redisUrl, commands }: Stage, orders: number) {
  const log = createLog('bench', 'silent');
  const nudger = createNudger({ connection: connectProducer(redisUrl, log), prefix });
  const context = { models, nudger, clock: systemClock, business: systemClock, log } as unknown as Context;
  const first = Array.from({ length: orders }, (_, n) => openWork(draft(n), 'ready', systemClock.now()));
  await models.work.insertMany(first);
  commands();

  const begun = performance.now();
  const connection = connectWorker(redisUrl, log);
  const running = [mover, sender].map((worker) => host(worker, context, { connection, prefix }));
  const dispatcher = newDispatcher('bench');
  const every = orders * stages * 2;
  let settled = 0;
  for (const worker of running) worker.on('completed', () => (settled += 1));
  while (settled < every || (await isOpen(models))) {
    await tick(dispatcher, context);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const seconds = (performance.now() - begun) / 1_000;
  await Promise.all(running.map((worker) => worker.close()));
  connection.disconnect();
  await nudger.close();
  return { perSecond: (orders * stages) / seconds, commands: commands() / (orders * stages) };
}

/** Asked of an index: counting all that is done would cost the database more than what is measured. */
async function isOpen({ work }: Models): Promise<boolean> {
  const open = { state: 'open', queue: { $in: [setup.name, notifications.name] }, phase: { $in: ['ready', 'nudged'] } };
  return (await work.model.collection.findOne(open)) !== null;
}

function draft(n: number) {
  return {
    ...origin(n),
    _id: `begin-${n}`,
    queue: 'setup',
    kind: 'command',
    payload: { order: `order-${n}`, stage: 1 },
  };
}

function origin(n: number) {
  const account = `account-${n % accounts}`;
  return { schema: 1, actor: system, cause: 'api' as const, agency: 'bench', account, order: `order-${n}` };
}

function move(id: string, stage: number, { schema, actor, cause, agency, account, order }: WorkItem): Decision {
  const child = { schema, actor, cause, agency, account, ...(order && { order }) };
  const effects: EffectDraft[] = [
    { ...child, queue: 'notifications', kind: 'send', payload: { order: id, stage } },
    ...(stage < stages
      ? [{ ...child, queue: 'setup', kind: 'command', payload: { order: id, stage: stage + 1 } }]
      : []),
  ];
  const state = { product: 'bench', status: 'setup', stage: `stage-${stage}` };
  return { set: { agency, account, state }, events: [{ type: 'stage-done', stage: `stage-${stage}` }], effects };
}

async function measureBare({ models, redisUrl }: Stage, orders: number): Promise<number> {
  const { collection } = models.connection.model<Order>('order');
  await collection.insertMany(Array.from({ length: orders }, (_, n) => ({ _id: `bare-${n}`, version: 0 })) as never);
  const queue = new Queue('bare', { connection: { url: redisUrl }, prefix });
  await queue.addBulk(
    Array.from({ length: orders }, (_, n) => ({ name: 'move', data: { order: `bare-${n}`, stage: 1 } })),
  );
  let left = orders;
  const begun = performance.now();
  await new Promise<void>((finished) => {
    const worker = new Worker<{ order: string; stage: number }>(
      'bare',
      async ({ data: { order, stage } }) => {
        const update = { $inc: { version: 1 }, $set: { stage }, $push: { history: { stage } } };
        await collection.findOneAndUpdate({ _id: order as never }, update as never);
        if (stage < stages) await queue.add('move', { order, stage: stage + 1 });
        else left -= 1;
        if (left === 0) setImmediate(() => worker.close().then(finished));
      },
      { connection: { url: redisUrl, maxRetriesPerRequest: null }, prefix, concurrency },
    );
  });
  const perSecond = (orders * stages) / ((performance.now() - begun) / 1_000);
  await queue.close();
  return perSecond;
}

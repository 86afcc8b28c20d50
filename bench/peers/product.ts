/** This product as a contestant: two of its workers, as wide as they are shipped, and its dispatcher. */
import { setTimeout as wait } from 'node:timers/promises';
import mongoose from 'mongoose';
import { z } from 'zod';
import { system } from '../../kernel/actor.ts';
import { systemClock } from '../../kernel/time.ts';
import { type EffectDraft, openWork, type WorkItem } from '../../kernel/work.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { accept } from '../../queues/accept.ts';
import { defineQueue, idempotent } from '../../queues/contract.ts';
import { createNudger } from '../../queues/nudger.ts';
import { createLog } from '../../runtime/log.ts';
import { documentOptions } from '../../runtime/mongo.ts';
import { connectProducer, connectWorker } from '../../runtime/redis.ts';
import { apply, type Decision } from '../../workers/machine/apply.ts';
import type { Context } from '../../workers/machine/context.ts';
import { defineWorker, done } from '../../workers/machine/define.ts';
import { host } from '../../workers/machine/host.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { setupWorker } from '../../workers/setup.ts';
import { accounts, answer, type Contestant, type Ledger, stages, type Task } from './contestant.ts';

const prefix = '{product}';
/** As in the dispatcher's own process. */
const pause = { busy: 10, idle: 250 };
const { concurrency } = setupWorker;

const step = z.strictObject({ order: z.string(), n: z.number(), stage: z.number() });
const setup = defineQueue('setup', { command: idempotent(step) });
const notifications = defineQueue('notifications', { send: idempotent(step) });

const mover = defineWorker({
  queue: setup,
  concurrency,
  handlers: {
    command: (asked, item, context) => {
      const decide = () => move(asked, item);
      return apply({ stream: context.models.orders, id: asked.order, item, action: 'move', decide }, context);
    },
  },
});

const sender = (ledger: Ledger) =>
  defineWorker({
    queue: notifications,
    concurrency,
    handlers: {
      send: async ({ n, stage }) => {
        ledger.consume(n, stage);
        return done;
      },
    },
  });

await answer(openProduct);

async function openProduct({ redisUrl, mongoUri }: Task, ledger: Ledger): Promise<Contestant> {
  const connection = await mongoose.createConnection(mongoUri, { ...documentOptions, maxPoolSize: 50 }).asPromise();
  const models = openModels(connection);
  await syncIndexes(models);
  const log = createLog('bench', 'silent');
  const nudger = createNudger({ connection: connectProducer(redisUrl, log), prefix });
  const context = { models, nudger, clock: systemClock, business: systemClock, log } as unknown as Context;
  const redis = connectWorker(redisUrl, log);
  const running: { close(): Promise<void> }[] = [];
  const stopping = new AbortController();
  let dispatching = Promise.resolve();

  return {
    async put(from, to) {
      const drafts = Array.from({ length: to - from }, (_, index) => draft(from + index));
      const [first, ...others] = drafts;
      if (first && others.length === 0) await accept(first, { ...context, work: models.work });
      else await models.work.insertMany(drafts.map((one) => openWork(one, 'ready', systemClock.now())));
    },
    async start() {
      for (const worker of [mover, sender(ledger)]) running.push(host(worker, context, { connection: redis, prefix }));
      dispatching = dispatch(context, stopping.signal);
    },
    isOver: () => isOver(models),
    faults: (count) => faultsOf(models, count),
    async stop() {
      stopping.abort();
      await dispatching;
      await Promise.all(running.map((worker) => worker.close()));
    },
  };
}

async function dispatch(context: Context, signal: AbortSignal): Promise<void> {
  const state = newDispatcher('bench');
  while (!signal.aborted) {
    const admitted = await tick(state, context);
    await wait(admitted ? pause.busy : pause.idle, undefined, { signal }).catch(() => undefined);
  }
}

async function isOver({ work, orders }: Models): Promise<boolean> {
  const open = work.documents.findOne({ state: 'open', phase: { $in: ['ready', 'nudged'] } });
  const due = orders.documents.findOne({ outboxDueAt: { $exists: true } });
  return (await open) === null && (await due) === null;
}

async function faultsOf({ orders, audit, work }: Models, count: number): Promise<string[]> {
  const found = await orders.documents.find({}).toArray();
  const wrong = found.filter(({ version, history, outbox, state }) => {
    const { stage } = state as unknown as { stage: string };
    return version !== stages || history.length !== stages || outbox.length > 0 || stage !== `stage-${stages}`;
  });
  const lines = await audit.model.collection.countDocuments({});
  const done = await work.documents.countDocuments({ state: 'done' });
  return [
    ...(found.length === count ? [] : [`${found.length} orders of ${count}`]),
    ...(wrong.length === 0 ? [] : [`${wrong.length} orders are not at stage ${stages} with ${stages} lines`]),
    ...(lines === count * stages ? [] : [`${lines} lines in the audit`]),
    ...(done === count * stages * 2 ? [] : [`${done} items are done`]),
  ];
}

function draft(n: number) {
  const account = `account-${n % accounts}`;
  const origin = { schema: 1, actor: system, cause: 'api' as const, agency: 'bench', account, order: `order-${n}` };
  return {
    ...origin,
    _id: `begin-${n}`,
    queue: 'setup',
    kind: 'command',
    payload: { order: origin.order, n, stage: 1 },
  };
}

function move(asked: z.output<typeof step>, item: WorkItem): Decision {
  const { schema, actor, cause, agency, account, order } = item;
  const child = { schema, actor, cause, agency, account, ...(order && { order }) };
  const { stage } = asked;
  const effects: EffectDraft[] = [
    { ...child, queue: 'notifications', kind: 'send', payload: { ...asked } },
    ...(stage < stages ? [{ ...child, queue: 'setup', kind: 'command', payload: { ...asked, stage: stage + 1 } }] : []),
  ];
  const state = { product: 'bench', status: 'setup', stage: `stage-${stage}` };
  return { set: { agency, account, state }, events: [{ type: 'stage-done', stage: `stage-${stage}` }], effects };
}

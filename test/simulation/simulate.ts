/**
 * One seeded run: two workers, two dispatchers and a client that retries, their calls to the outside interleaved by the
 * scheduler with crashes, zombies and a queue that loses and repeats; then the faults stop, everything runs dry, and the
 * checker looks at what is left.
 */
import { pino } from 'pino';
import { after } from '../../kernel/time.ts';
import type { Models } from '../../models/open.ts';
import { accept } from '../../queues/accept.ts';
import { createDns } from '../../runtime/dns.ts';
import type { Context } from '../../workers/machine/context.ts';
import { perform, type WorkerDefinition } from '../../workers/machine/define.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { check } from './check.ts';
import { gated } from './gated.ts';
import { createSimulatedQueue } from './queue.ts';
import { createScheduler, type Fault, type Step, seeded } from './scheduler.ts';
import { ask, askForCopies, letterWorker, newLedger, tallyWorker } from './toy.ts';

export interface Run {
  seed: number;
  faults: string[];
  trace: string[];
  steps: number;
}

const silent = pino({ level: 'silent' });

/** Resolves to what the checker found wrong: nothing, when every guard holds. */
export async function simulate(models: Models, seed: number): Promise<Run> {
  await empty(models);
  const random = seeded(seed);
  const scheduler = createScheduler(random);
  const queue = createSimulatedQueue(random, { lose: 0.1, loseReply: 0.1 });
  const ledger = newLedger();
  const ofQueue: Record<string, WorkerDefinition> = { setup: tallyWorker, notifications: letterWorker(ledger) };
  const newer: Record<string, WorkerDefinition> = {
    ...ofQueue,
    notifications: letterWorker(ledger, { isNewer: true }),
  };
  const accepted = new Set<string>();
  const context = (step: Step): Context => ({
    models: {
      ...models,
      work: gated(models.work, step),
      orders: gated(models.orders, step),
      streams: [gated(models.orders, step)] as unknown as Models['streams'],
    },
    nudger: gated(queue.nudger, step),
    clock: scheduler.clock,
    business: scheduler.clock,
    log: silent,
    mailer: { deliver: () => Promise.reject(new Error('There is no mail here.')), close: () => undefined },
    dns: createDns(),
    linkSecret: '',
    publicUrl: '',
  });

  const asked = Array.from({ length: 5 }, (_, n) => ask(`order${n % 2}`, `ask-${seed}-${n}`, 1 + (n % 2)));
  asked.push(askForCopies('order0', `copies-${seed}`));
  const states = [newDispatcher('one'), newDispatcher('two')];
  let started = 0;
  const named = (kind: string): string => {
    started += 1;
    return `${kind} ${started}`;
  };

  async function startClient(): Promise<void> {
    const draft = scheduler.pick(asked);
    if (!draft) return;
    await scheduler.start(named('client'), async (step) => {
      const { models: ports, nudger, clock } = context(step);
      await accept(draft, { work: ports.work, nudger, clock });
      accepted.add(draft._id);
    });
  }

  /** While there is an adversary, workers of the old version run beside newer ones. */
  async function startWorker(repeat: number): Promise<void> {
    const job = queue.take(repeat);
    const worker = job && (repeat > 0 && random() < 0.7 ? ofQueue : newer)[job.queue];
    if (!job || !worker) return;
    await scheduler.start(named(`${job.id} worker`), async (step) => {
      try {
        await perform(worker, job as never, context(step));
        job.state = 'finished';
      } catch (error) {
        scheduler.trace.push(`${job.id} failed: ${error}`);
        job.attemptsMade += 1;
        job.state = job.attemptsMade < job.opts.attempts ? 'waiting' : 'failed';
      }
    });
  }

  /** One whose clock is ahead wakes what is not due yet. */
  async function startDispatcher(adversary: number): Promise<void> {
    const state = scheduler.pick(states);
    if (!state) return;
    const ahead = adversary > 0 && random() < 0.1 ? 60_000 : 0;
    const business = { now: () => after(scheduler.clock.now(), ahead) };
    await scheduler.start(
      named('dispatcher'),
      async (step) => void (await tick(state, { ...context(step), business })),
    );
  }

  async function run(turns: number, fault: Fault, adversary: boolean): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) {
      if (scheduler.alive() < 5)
        await scheduler.pick([startWorker, startWorker, startDispatcher, ...(adversary ? [startClient] : [])])?.(
          adversary ? 0.15 : 0,
        );
      if (adversary && random() < 0.02)
        scheduler.pick([
          queue.empty,
          queue.tear,
          queue.redeliver,
          () => queue.setUp(false),
          () => queue.setUp(true),
        ])?.();
      if (adversary && random() < 0.2) queue.comeBack();
      if (random() < 0.05) scheduler.pass(Math.floor(random() * 8_000));
      await scheduler.turn(fault);
    }
  }

  await run(150, { crash: 0.03, sleep: 0.02 }, true);
  queue.setUp(true);
  for (const draft of asked) {
    await scheduler.start('client at last', async (step) => {
      const { models: ports, nudger, clock } = context(step);
      await accept(draft, { work: ports.work, nudger, clock });
      accepted.add(draft._id);
    });
  }
  for (let round = 0; round < 60 && !(await isDry(models)); round += 1) {
    queue.redeliver();
    await run(40, { crash: 0, sleep: 0 }, false);
    scheduler.pass(11_000);
  }
  const faults = await check(models, { accepted, ledger });
  return { seed, faults, trace: scheduler.trace, steps: scheduler.trace.length };
}

async function isDry({ work, orders }: Models): Promise<boolean> {
  const [open, due] = await Promise.all([
    work.model.collection.countDocuments({ state: 'open' }),
    orders.model.collection.countDocuments({ outboxDueAt: { $exists: true } }),
  ]);
  return open + due === 0;
}

async function empty({ work, orders, audit }: Models): Promise<void> {
  for (const { model } of [work, orders, audit]) await model.collection.deleteMany({});
}

/**
 * Accounts and orders with the workers that are really there, on a queue that a test plays: every call to the outside of
 * every process goes through a `step`, so that a test can stop it there. Links and mails are another test's.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll } from 'vitest';
import { after, systemClock } from '../../kernel/time.ts';
import type { WorkDraft } from '../../kernel/work.ts';
import type { Models } from '../../models/open.ts';
import { accept } from '../../queues/accept.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import { workers } from '../../workers/index.ts';
import type { Context } from '../../workers/machine/context.ts';
import { perform } from '../../workers/machine/define.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { account as profile } from '../support/workshop.ts';
import { gated } from './gated.ts';
import { createSimulatedQueue, type QueueFaults, type SimulatedJob } from './queue.ts';
import type { Step } from './scheduler.ts';

export const free: Step = (_, act) => act();

/** A server that answers whatever is looked at; closed when the file has ended. */
export async function anOrigin(): Promise<string> {
  const server = createServer((_request, response) => response.end());
  afterAll(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const actor = { type: 'staff', id: 'ann', role: 'order_admin' } as const;

/** What somebody asks of the account, or of one of its orders, under an id of its own. */
export function asking(_id: string, kind: 'account' | 'command', command: object, order = ''): WorkDraft {
  const by = { agency: profile.agency, account: profile._id, schema: 1, queue: 'setup', cause: 'api' as const };
  const about = kind === 'account' ? { account: profile._id } : { order };
  return { ...by, ...(order && { order }), _id, kind, actor, reason: 'Because.', payload: { ...about, command } };
}

export function orderOf(order: string, product: string): WorkDraft {
  const sold = { product, tier: 'basic', options: {}, source: 'manual', title: 'An order' };
  const command = { type: 'create-order', ...sold, client: { name: 'Cleo', email: 'cleo@example.com' } };
  return asking(`create-${order}`, 'command', command, order);
}

export type AccountWorld = Awaited<ReturnType<typeof accountWorld>>;

interface Surroundings {
  origin: string;
  random?: () => number;
  faults?: QueueFaults;
}

export async function accountWorld(
  models: Models,
  { origin, random = () => 0.5, faults = { lose: 0, loseReply: 0 } }: Surroundings,
) {
  for (const { model } of [models.work, models.orders, models.accounts, models.audit]) {
    await model.collection.deleteMany({});
  }
  await models.accounts.put(profile);
  const queue = createSimulatedQueue(random, faults);
  const outside = httpGuard({ allow: [origin] });
  let now = after(systemClock.now(), 1_000);
  const clock = { now: () => now };

  function context(step: Step): Context {
    const [orders, accounts] = [gated(models.orders, step), gated(models.accounts, step)];
    const ports = { ...models, work: gated(models.work, step), orders, accounts, streams: [orders, accounts] };
    const log = pino({ level: 'silent' });
    const nudger = gated(queue.nudger, step);
    return { models: ports, nudger, clock, business: clock, log, outside: gated(outside, step) } as unknown as Context;
  }

  async function run(job: SimulatedJob, step: Step): Promise<void> {
    const worker = workers[job.queue];
    if (worker && ['setup', 'checks'].includes(job.queue)) await perform(worker, job as never, context(step));
    job.state = 'finished';
  }

  async function work(step: Step): Promise<void> {
    for (let job = queue.take(0); job; job = queue.take(0)) await run(job, step);
  }

  return {
    ...{ queue, context, run, work },
    pass: (ms: number) => {
      now = after(now, ms);
    },

    async submit(draft: WorkDraft, step: Step): Promise<void> {
      const { models: ports, nudger } = context(step);
      await accept(draft, { work: ports.work, nudger, clock });
    },

    /** What the living do when others have died: the stall check, the dispatcher, a worker. */
    async recover(): Promise<void> {
      const dispatcher = newDispatcher('rescue');
      queue.setUp(true);
      for (let round = 0; round < 40 && (round < 2 || !(await this.isDry())); round += 1) {
        now = after(now, 11_000);
        queue.redeliver();
        await tick(dispatcher, context(free));
        await work(free);
      }
    },

    async isDry(): Promise<boolean> {
      const open = { state: 'open', queue: { $in: ['setup', 'checks'] }, runAt: { $lte: now } };
      const due = { outboxDueAt: { $exists: true } };
      const counts = await Promise.all([
        models.work.model.collection.countDocuments(open as never),
        models.orders.model.collection.countDocuments(due),
        models.accounts.model.collection.countDocuments(due),
      ]);
      return counts.every((count) => count === 0);
    },
  };
}

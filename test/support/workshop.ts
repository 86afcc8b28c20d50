/**
 * Every worker on real stores, driven by hand: a test says when an item is delivered, so that it can deliver it twice,
 * late, or to a worker that dies. `settle` carries on until nothing is left to do now.
 */
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { pino } from 'pino';
import { afterAll } from 'vitest';
import { jobId, newId } from '../../kernel/ids.ts';
import type { Clock } from '../../kernel/time.ts';
import { openWork, type WorkDraft, type WorkItem } from '../../kernel/work.ts';
import { createMailer } from '../../mail/send.ts';
import { openModels, syncIndexes } from '../../models/open.ts';
import { contractOf } from '../../queues/index.ts';
import { createNudger } from '../../queues/nudger.ts';
import { createDns } from '../../runtime/dns.ts';
import { connectProducer } from '../../runtime/redis.ts';
import { workers } from '../../workers/index.ts';
import type { Context } from '../../workers/machine/context.ts';
import { perform } from '../../workers/machine/define.ts';
import { freshDatabase } from './mongo.ts';
import { freshRedis } from './redis.ts';
import { type Sink, startSink } from './sink.ts';

/** How one delivery of a job ended. */
type Ending = 'settled' | 'later' | 'again' | 'buried';

export interface Workshop {
  context: Context;
  sink: Sink;
  clock: MovableClock;
  /** Everything that was logged. */
  logged: string[];
  redisUrl: string;
  redisPrefix: string;
  /** Accepts an item, as the API does. */
  accept(draft: Partial<WorkDraft> & Pick<WorkDraft, 'queue' | 'kind' | 'payload'>): Promise<WorkItem>;
  /** Delivers an item's job once. `through` replaces ports for this delivery. */
  deliver(id: string, through?: Partial<Context>, attempt?: number): Promise<Ending>;
  /** The one item of a kind that an order has. */
  itemOf(order: string, kind: string): Promise<WorkItem>;
  /** Opens a settled item again, as a delivery finds it that raced with the settling. */
  reopen(id: string): Promise<void>;
  /** Delivers whatever is open and due, until nothing is; resolves to the items, newest last. */
  settle(order: string): Promise<WorkItem[]>;
}

export interface MovableClock extends Clock {
  pass(ms: number): void;
}

/** It begins now: what began long ago, the database would remove as expired. */
export function movableClock(start = new Date()): MovableClock {
  let now = start.getTime();
  return {
    now: () => new Date(now),
    pass: (ms) => {
      now += ms;
    },
  };
}

/** The system's clock, moved on: it goes on by itself, as everything does that is accepted meanwhile. */
export function shiftedClock(): MovableClock {
  let shift = 0;
  return {
    now: () => new Date(Date.now() + shift),
    pass: (ms) => {
      shift += ms;
    },
  };
}

export const agency = {
  _id: 'nordlicht',
  name: 'Nordlicht Digital',
  from: { name: 'Nordlicht Digital', email: 'hello@nordlicht.example' },
  replyTo: { name: 'Client desk', email: 'desk@nordlicht.example' },
  colour: '#0b6e4f',
};

export const account = {
  _id: 'mueller',
  agency: 'nordlicht',
  name: 'Bäckerei Müller',
  timeZone: 'Europe/Berlin',
  country: 'DE',
  contact: { name: 'Käthe Müller', email: 'kaethe@mueller.example' },
};

/** On a corner of the shared Redis, or on one that a test may empty. */
export async function openWorkshop(own?: { url: string; prefix: string }): Promise<Workshop> {
  const models = openModels(await freshDatabase());
  await syncIndexes(models);
  await models.agencies.put(agency);
  await models.accounts.put(account);
  const redis = own ?? freshRedis();
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const nudger = createNudger({ connection: connectProducer(redis.url, log), prefix: redis.prefix });
  const sink = await startSink();
  const mailer = createMailer({ url: sink.url, timeouts: { connection: 5_000, greeting: 5_000, socket: 10_000 } });
  const clock = movableClock();
  const secrets = { linkSecret: 'a secret for tests, and only for tests', publicUrl: 'https://portal.example' };
  const context: Context = { models, nudger, clock, business: clock, log, mailer, dns: createDns(), ...secrets };
  afterAll(async () => {
    mailer.close();
    await Promise.all([nudger.close(), sink.close()]);
  });

  /** The item as the dispatcher hands it out: one whose time has come becomes ready, a ready one is claimed. */
  async function nudged(id: string): Promise<WorkItem | null> {
    await models.work.wake(clock.now());
    const item = await models.work.get(id);
    if (item?.state !== 'open' || item.phase !== 'ready') return item;
    return (await models.work.claim([item], clock.now()))[0] ?? null;
  }

  async function deliver(id: string, through: Partial<Context> = {}, attempt = 1): Promise<Ending> {
    const item = await nudged(id);
    const worker = item && workers[item.queue];
    if (!item || !worker) throw new Error(`There is no item ${id}, or no worker for it.`);
    const job = {
      id: jobId(item.kind, item._id, item.generation),
      name: item.kind,
      data: { work: item._id },
      attemptsMade: attempt - 1,
      opts: { attempts: contractOf(item.queue).attempts },
      moveToDelayed: async () => undefined,
    };
    try {
      await perform(worker, job as unknown as Job, { ...context, ...through });
      return (await models.work.get(id))?.state === 'open' ? 'later' : 'settled';
    } catch (error) {
      if (error instanceof DelayedError) return 'later';
      return error instanceof UnrecoverableError ? 'buried' : 'again';
    }
  }

  return {
    context,
    sink,
    clock,
    logged,
    redisUrl: redis.url,
    redisPrefix: redis.prefix,
    deliver,

    async accept(draft) {
      const who = { actor: { type: 'service', id: 'test' }, cause: 'api', agency: agency._id, account: account._id };
      const item = openWork({ _id: newId(), schema: 1, ...who, ...draft } as WorkDraft, 'nudged', clock.now());
      await models.work.insert(item);
      return item;
    },

    async itemOf(order, kind) {
      const found = (await models.work.ofOrder(order, 1_000)).filter((item) => item.kind === kind);
      if (!found[0] || found.length > 1) throw new Error(`Order ${order} has ${found.length} items "${kind}".`);
      return found[0];
    },

    async reopen(id) {
      await models.work.model.collection.updateOne({ _id: id as never }, { $set: { state: 'open' } });
    },

    async settle(order) {
      for (;;) {
        const items = (await models.work.ofOrder(order, 1_000)).reverse();
        const due = items.filter(({ state, runAt }) => state === 'open' && runAt <= clock.now());
        if (due.length === 0) return items;
        for (const { _id } of due) {
          const ending = await deliver(_id);
          if (ending !== 'settled') throw new Error(`Item ${_id} ended with "${ending}": ${logged.at(-1)}`);
        }
      }
    },
  };
}

/** Accepts an order and carries on until it waits for somebody. */
export async function placeOrder(shop: Workshop, product = 'google_ads'): Promise<string> {
  const order = await createOrder(shop, product);
  const refused = (await shop.settle(order)).filter(({ state }) => state === 'refused' || state === 'dead');
  if (refused.length > 0) throw new Error(refused[0]?.outcome?.message);
  return order;
}

/** Accepts an order and makes it; what follows from it is left lying. */
export async function createOrder({ accept, deliver }: Workshop, product = 'google_ads'): Promise<string> {
  const order = newId();
  const client = { name: account.contact.name, email: account.contact.email };
  const sold = { product, tier: 'basic', options: {}, source: 'manual', title: `${product} for Altona`, client };
  const payload = { order, command: { type: 'create-order', ...sold } };
  const { _id } = await accept({ queue: 'setup', kind: 'command', order, payload });
  await deliver(_id);
  return order;
}

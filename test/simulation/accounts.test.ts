/**
 * A process dies at every call to the outside while an access is asked for, looked at, found and told to an order, and
 * while an order is made that asks what its account knows. Another one finishes the work; in the end both know the same.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { after, systemClock } from '../../kernel/time.ts';
import type { WorkDraft, WorkItem } from '../../kernel/work.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { accept } from '../../queues/accept.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import { checkAudit } from '../../scripts/audit-check.ts';
import type { Context } from '../../workers/context.ts';
import { perform } from '../../workers/define.ts';
import { workers } from '../../workers/index.ts';
import { newDispatcher, tick } from '../../workers/tick.ts';
import { freshDatabase } from '../support/mongo.ts';
import { account as profile } from '../support/workshop.ts';
import { gated } from './gated.ts';
import { createSimulatedQueue } from './queue.ts';
import type { Step } from './scheduler.ts';

const never = new Promise<never>(() => undefined);
const free: Step = (_, act) => act();
const server = createServer((_request, response) => response.end());
let origin = '';
let models: Models;

beforeAll(async () => {
  models = openModels(await freshDatabase());
  await syncIndexes(models);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const by = { agency: profile.agency, account: profile._id, schema: 1, queue: 'setup', cause: 'api' as const };
const actor = { type: 'staff', id: 'ann', role: 'order_admin' } as const;

const creating: WorkDraft = {
  ...{ ...by, actor, _id: 'create-1', kind: 'command', order: 'order1' },
  payload: {
    order: 'order1',
    command: {
      ...{ type: 'create-order', product: 'google_ads', tier: 'basic', options: {}, source: 'manual', title: 'Ads' },
      client: { name: 'Cleo', email: 'cleo@example.com' },
    },
  },
};
const requesting = (): WorkDraft => ({
  ...{ ...by, actor, _id: 'request-1', kind: 'account' },
  payload: {
    account: profile._id,
    command: { type: 'request-grant', grant: 'google_ads', probe: { type: 'http', url: `${origin}/acme` } },
  },
});

type World = Awaited<ReturnType<typeof aWorld>>;

async function aWorld() {
  for (const { model } of [models.work, models.orders, models.accounts, models.audit]) {
    await model.collection.deleteMany({});
  }
  await models.accounts.put(profile);
  const queue = createSimulatedQueue(() => 0.5, { lose: 0, loseReply: 0 });
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

  /** Carries out what is nudged, links and mails aside; they are another test's. */
  async function work(step: Step): Promise<void> {
    for (let job = queue.take(0); job; job = queue.take(0)) {
      const worker = workers[job.queue];
      if (worker && ['setup', 'checks'].includes(job.queue)) await perform(worker, job as never, context(step));
      job.state = 'finished';
    }
  }

  async function submit(draft: WorkDraft, step: Step): Promise<void> {
    const { models: ports, nudger } = context(step);
    await accept(draft, { work: ports.work, nudger, clock });
  }

  /** What the living do afterwards: the stall check, the dispatcher, a worker. */
  async function recover(): Promise<void> {
    const dispatcher = newDispatcher('rescue');
    for (let round = 0; round < 12 && (round < 2 || !(await isDry(now))); round += 1) {
      now = after(now, 11_000);
      queue.redeliver();
      await tick(dispatcher, context(free));
      await work(free);
    }
  }

  /** The work, to its end, of a process that lives. */
  async function toEnd(step: Step): Promise<void> {
    const dispatcher = newDispatcher('own');
    for (let round = 0; round < 6; round += 1) {
      await work(step);
      await tick(dispatcher, context(free));
    }
  }
  return { submit, recover, toEnd, clock };
}

async function isDry(now: Date): Promise<boolean> {
  const open = { state: 'open', queue: { $in: ['setup', 'checks'] }, runAt: { $lte: now } };
  const due = { outboxDueAt: { $exists: true } };
  const counts = await Promise.all([
    models.work.model.collection.countDocuments(open as never),
    models.orders.model.collection.countDocuments(due),
    models.accounts.model.collection.countDocuments(due),
  ]);
  return counts.every((count) => count === 0);
}

/** What is wrong when everything has run dry. */
async function faultsOf({ clock }: World): Promise<string[]> {
  const order = await models.orders.get('order1');
  const account = await models.accounts.get(profile._id);
  const items = (await models.work.model.collection.find({}).toArray()) as unknown as WorkItem[];
  const { facts = {} } = account ?? {};
  const told = order?.state.facts?.['grant.google_ads'];
  const lines = [...(order?.history ?? []), ...(account?.history ?? [])].map(({ work }) => work);
  const { faults } = await checkAudit(models);
  const claims: [boolean, string][] = [
    [await isDry(clock.now()), 'everything has run dry'],
    [items.every(({ state }) => state !== 'dead'), 'nothing is dead'],
    [account?.grants.google_ads?.status === 'active', 'the access was found'],
    [facts['grant.google_ads']?.seq === 1, 'the account counted the fact once'],
    [told?.holds === true && told.seq === 1, 'the order knows what its account knows'],
    [new Set(lines).size === lines.length, 'every item left one line'],
    [faults.length === 0, 'the audit is whole'],
  ];
  return claims.filter(([holds]) => !holds).map(([, claim]) => `not so: ${claim}`);
}

/** Lets the second of two things happen until its call number `at`, where its process dies. */
async function dieAt(world: World, [first, second]: WorkDraft[], at: number, when: 'before' | 'after') {
  const calls: string[] = [];
  await world.submit(first!, free);
  await world.toEnd(free);
  await new Promise<void>((died) => {
    const dying: Step = async (call, carryOut) => {
      calls.push(call);
      if (calls.length > at) return never;
      if (calls.length < at) return carryOut();
      if (when === 'after') await carryOut();
      died();
      return never;
    };
    const act = async () => {
      await world.submit(second!, dying);
      await world.toEnd(dying);
    };
    act().then(died, () => died());
  });
  return calls;
}

describe('a process that dies at any call', () => {
  test.each([
    {
      doing: 'an access is looked at, found, and told to the order',
      drafts: () => [creating, requesting()],
      least: 30,
    },
    { doing: 'an order is made, and asks what its account knows', drafts: () => [requesting(), creating], least: 15 },
  ])('while $doing loses nothing and doubles nothing', { timeout: 300_000 }, async ({ drafts, least }) => {
    const calls = await dieAt(await aWorld(), drafts(), 10_000, 'before');
    expect(calls.length).toBeGreaterThanOrEqual(least);
    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const world = await aWorld();
        await dieAt(world, drafts(), index + 1, when);
        for (const draft of drafts()) await world.submit(draft, free); // The client repeats what got no answer.
        await world.recover();
        const faults = await faultsOf(world);
        expect({ call, when, faults }).toEqual({ call, when, faults: [] });
      }
    }
  });
});

/**
 * Facts and orders, interleaved call by call under a seed, with crashes, sleepers, and a queue that loses and repeats:
 * an account that changes its mind, orders that are made meanwhile. In the end each order knows what its account knows.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import type { Order } from '../../models/order.ts';
import { checkAudit } from '../../scripts/audit-check.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { workflowFor } from '../../workflows/index.ts';
import { factsOf } from '../../workflows/words/facts.ts';
import { freshDatabase } from '../support/mongo.ts';
import { account as profile } from '../support/workshop.ts';
import { accountWorld, anOrigin, asking, free, orderOf } from './account-world.ts';
import { createScheduler, seeded } from './scheduler.ts';

const seeds = 30;
const perTest = 10;
let origin = '';
let models: Models;

beforeAll(async () => {
  models = openModels(await freshDatabase());
  await syncIndexes(models);
  origin = await anOrigin();
});

const attest = { type: 'attest-grant', grant: 'google_ads', evidence: 'Seen by us.' };
const revoke = { type: 'revoke-grant', grant: 'google_ads' };
const asked = () => [
  orderOf('order1', 'google_ads'),
  asking('attest', 'account', attest),
  orderOf('order2', 'google_ads'),
  asking('revoke', 'account', revoke),
  asking('stop', 'account', { type: 'set-subscription', status: 'past_due' }),
  asking('request', 'account', { type: 'request-grant', grant: 'analytics', probe: { type: 'http', url: origin } }),
  orderOf('order3', 'listings'),
  asking('go-on', 'account', { type: 'set-subscription', status: 'active' }),
];

async function simulate(seed: number): Promise<{ faults: string[]; trace: string[] }> {
  const random = seeded(seed);
  const scheduler = createScheduler(random);
  const world = await accountWorld(models, { origin, random, faults: { lose: 0.1, loseReply: 0.1 } });
  const dispatchers = [newDispatcher('one'), newDispatcher('two')];
  const all = asked();
  let started = 0;
  const named = (what: string) => `${what} ${++started}`;

  const starts = [
    async () => {
      const draft = scheduler.pick(all);
      if (draft) await scheduler.start(named('client'), (step) => world.submit(draft, step));
    },
    async () => {
      const job = world.queue.take(0.15);
      if (job) await scheduler.start(named(job.id), (step) => world.run(job, step));
    },
    async () => {
      const state = scheduler.pick(dispatchers);
      if (state)
        await scheduler.start(named('dispatcher'), async (step) => void (await tick(state, world.context(step))));
    },
  ];
  for (let turn = 0; turn < 400; turn += 1) {
    if (scheduler.alive() < 5) await scheduler.pick(starts)?.();
    if (random() < 0.02) scheduler.pick([world.queue.empty, world.queue.tear, world.queue.redeliver])?.();
    if (random() < 0.05) world.pass(Math.floor(random() * 8_000));
    await scheduler.turn({ crash: 0.02, sleep: 0.02 });
  }
  for (const draft of all) await world.submit(draft, free);
  await world.recover();
  return { faults: await faultsIn(world), trace: scheduler.trace };
}

async function faultsIn(world: { isDry(): Promise<boolean> }): Promise<string[]> {
  const account = (await models.accounts.get(profile._id))!;
  const orders = (await models.orders.model.collection.find({}).toArray()) as unknown as Order[];
  const differing = orders.flatMap(({ _id, state }) => {
    const listens = factsOf(workflowFor(state.product, state.workflowVersion));
    const differs = listens.filter((fact) => {
      const [own, known] = [state.facts?.[fact], account.facts[fact]];
      return own?.seq !== known?.seq || own?.holds !== known?.holds;
    });
    return differs.map((fact) => `${_id} does not know ${fact}`);
  });
  const lines = [account, ...orders].flatMap(({ history }) => history.map(({ work }) => work));
  const { faults } = await checkAudit(models);
  return [
    ...differing,
    ...(orders.length === 3 ? [] : [`there are ${orders.length} orders`]),
    ...((await world.isDry()) ? [] : ['something is left open']),
    ...(new Set(lines).size === lines.length ? [] : ['an item left two lines']),
    ...faults.map(({ message }) => message),
  ];
}

describe('facts and orders', () => {
  for (let first = 1; first <= seeds; first += perTest) {
    test(`agree in the end, whatever happens on the way, under seeds ${first} to ${first + perTest - 1}`, {
      timeout: 600_000,
    }, async () => {
      for (let seed = first; seed < first + perTest; seed += 1) {
        const { faults, trace } = await simulate(seed);
        expect({ seed, faults }, trace.slice(-40).join('\n')).toEqual({ seed, faults: [] });
      }
    });
  }
});

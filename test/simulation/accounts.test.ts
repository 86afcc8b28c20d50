/**
 * A process dies at every call to the outside while an access is asked for, looked at, found and told to an order, and
 * while an order is made that asks what its account knows. Another one finishes the work; in the end both know the same.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { WorkDraft, WorkItem } from '../../kernel/work.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { checkAudit } from '../../scripts/audit-check.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { freshDatabase } from '../support/mongo.ts';
import { account as profile } from '../support/workshop.ts';
import { type AccountWorld, accountWorld, anOrigin, asking, free, orderOf } from './account-world.ts';
import { dieAt, type When } from './die-at.ts';
import type { Step } from './scheduler.ts';

let origin = '';
let models: Models;

beforeAll(async () => {
  models = openModels(await freshDatabase());
  await syncIndexes(models);
  origin = await anOrigin();
});

const creating = orderOf('order1', 'google_ads');
const requesting = (): WorkDraft =>
  asking('request-1', 'account', {
    ...{ type: 'request-grant', grant: 'google_ads', probe: { type: 'http', url: `${origin}/acme` } },
  });

/** The work, to its end, of a process that lives; the dispatcher is another. */
async function toEnd(world: AccountWorld, step: Step): Promise<void> {
  const dispatcher = newDispatcher('own');
  for (let round = 0; round < 6; round += 1) {
    await world.work(step);
    await tick(dispatcher, world.context(free));
  }
}

/** What is wrong when everything has run dry. */
async function faultsOf(world: AccountWorld): Promise<string[]> {
  const order = await models.orders.get('order1');
  const account = await models.accounts.get(profile._id);
  const items = (await models.work.model.collection.find({}).toArray()) as unknown as WorkItem[];
  const { facts = {} } = account ?? {};
  const told = order?.state.facts?.['grant.google_ads'];
  const lines = [...(order?.history ?? []), ...(account?.history ?? [])].map(({ work }) => work);
  const { faults } = await checkAudit(models);
  const claims: [boolean, string][] = [
    [await world.isDry(), 'everything has run dry'],
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
async function dieAtSecond(world: AccountWorld, [first, second]: WorkDraft[], at: number, when: When) {
  await world.submit(first!, free);
  await toEnd(world, free);
  return dieAt(
    async (step) => {
      await world.submit(second!, step);
      await toEnd(world, step);
    },
    at,
    when,
  );
}

describe('a process that dies at any call', () => {
  test.each([
    {
      doing: 'an access is looked at, found, and told to the order',
      drafts: () => [creating, requesting()],
      least: 30,
    },
    { doing: 'an order is made, and asks what its account knows', drafts: () => [requesting(), creating], least: 15 },
  ])('while $doing loses nothing and doubles nothing', { timeout: 900_000 }, async ({ drafts, least }) => {
    const calls = await dieAtSecond(await accountWorld(models, { origin }), drafts(), 10_000, 'before');
    expect(calls.length).toBeGreaterThanOrEqual(least);
    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const world = await accountWorld(models, { origin });
        await dieAtSecond(world, drafts(), index + 1, when);
        for (const draft of drafts()) await world.submit(draft, free); // The client repeats what got no answer.
        await world.recover();
        const faults = await faultsOf(world);
        expect({ call, when, faults }).toEqual({ call, when, faults: [] });
      }
    }
  });
});

/**
 * A process dies at every call to the outside while an access is asked for, looked at, found and told to an order, and
 * while an order is made that asks what its account knows. Another one finishes the work; in the end both know the same.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorkDraft, WorkItem } from '../../kernel/work.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { checkAudit } from '../../scripts/audit-check.ts';
import { newDispatcher, tick } from '../../workers/tick.ts';
import { freshDatabase } from '../support/mongo.ts';
import { account as profile } from '../support/workshop.ts';
import { type AccountWorld, accountWorld, asking, free, orderOf } from './account-world.ts';
import type { Step } from './scheduler.ts';

const never = new Promise<never>(() => undefined);
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
async function dieAt(world: AccountWorld, [first, second]: WorkDraft[], at: number, when: 'before' | 'after') {
  const calls: string[] = [];
  await world.submit(first!, free);
  await toEnd(world, free);
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
      await toEnd(world, dying);
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
  ])('while $doing loses nothing and doubles nothing', { timeout: 900_000 }, async ({ drafts, least }) => {
    const calls = await dieAt(await accountWorld(models, { origin }), drafts(), 10_000, 'before');
    expect(calls.length).toBeGreaterThanOrEqual(least);
    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const world = await accountWorld(models, { origin });
        await dieAt(world, drafts(), index + 1, when);
        for (const draft of drafts()) await world.submit(draft, free); // The client repeats what got no answer.
        await world.recover();
        const faults = await faultsOf(world);
        expect({ call, when, faults }).toEqual({ call, when, faults: [] });
      }
    }
  });
});

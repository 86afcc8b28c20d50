/** One tenant whose sites all hang, and others who want an access looked at: they wait no longer for it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../../kernel/time.ts';
import { openWork, type WorkItem } from '../../../kernel/work.ts';
import { grantNames } from '../../../workflows/accounts/names.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const others = 60;
const pause = 100;
/** What a good site takes for an answer, in ms. */
const thinking = 300;
const hostile = { accounts: 12, grants: grantNames.slice(0, 8) };
const slower = 2;

let hanging = true;
const held = new Set<() => void>();
/** Others have hosts of their own: the share of one host is no matter of another tenant. */
const goods = Array.from({ length: 6 }, () =>
  createServer((_request, response) => void setTimeout(() => response.end(), thinking)),
);
const bad = createServer((_request, response) => {
  if (!hanging) return void response.end();
  const end = () => void response.end();
  held.add(end);
  response.on('close', () => held.delete(end));
});

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function open(): Promise<string[]> {
  hanging = true;
  for (const server of [...goods, bad]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return [...goods, bad].map(originOf);
}

interface Asking {
  account: string;
  agency: string;
  grants: readonly string[];
  url: string;
}

async function ask({ models }: World, { account, agency, grants, url }: Asking): Promise<void> {
  const contact = { name: 'Cleo Client', email: 'cleo@clients.example' };
  await models.agencies.put({ _id: agency, name: agency, from: { name: agency, email: `${agency}@agency.example` } });
  await models.accounts.put({ _id: account, agency, name: account, timeZone: 'Europe/Berlin', country: 'DE', contact });
  const actor = { type: 'staff', id: 'ann', role: 'setup_manager' } as const;
  const items = grants.map((grant) => {
    const command = { type: 'request-grant', grant, probe: { type: 'http', url } };
    const about = { queue: 'setup', kind: 'account', schema: 1, payload: { account, command }, account, agency };
    const draft = { _id: `${account}-${grant}`, ...about, actor, cause: 'api' as const, reason: 'Because.' };
    return openWork(draft, 'ready', systemClock.now());
  });
  await models.work.insertMany(items);
}

/** The slowest of twenty first looks at others' accesses, in ms from being asked for until it is settled. */
async function p95(world: World, name: string): Promise<number> {
  const accounts = Array.from({ length: others }, (_, n) => `${name}-${n}`);
  for (const [n, account] of accounts.entries()) {
    const url = originOf(goods[n % goods.length] ?? bad);
    await ask(world, { account, agency: 'others', grants: [grantNames[0]], url });
    await wait(pause);
  }
  const work = world.models.work.model.collection;
  const looks = { queue: 'checks', account: { $in: accounts }, settledAt: { $exists: true } };
  const found = await eventually(
    async () => {
      const items = (await work.find(looks as never).toArray()) as unknown as Required<WorkItem>[];
      const first = new Map(items.map((item) => [item.account, item]));
      return first.size === others ? [...first.values()] : undefined;
    },
    { within: 120_000, every: 250 },
  );
  const times = found.map(({ settledAt, createdAt }) => settledAt.getTime() - createdAt.getTime());
  return times.sort((a, b) => a - b)[Math.floor(others * 0.95)] ?? 0;
}

export const hostileSites: Scenario = {
  id: 'N2',
  alone: true,
  fault: `one agency whose ${hostile.accounts} accounts want ${hostile.accounts * hostile.grants.length} accesses looked at, all at sites that never answer; others ask beside it`,
  threshold: `others' p95 ≤ ${slower} × idle; every look is made in the end`,
  recoverWithin: 120,
  wish: { origins: open },
  async run(world) {
    await p95(world, 'first');
    const idle = await p95(world, 'idle');
    for (let n = 0; n < hostile.accounts; n += 1) {
      await ask(world, { account: `bad-${n}`, agency: 'hostile', grants: hostile.grants, url: originOf(bad) });
    }
    await eventually(() => held.size >= 5, { within: 30_000, every: 50 });
    const busy = await p95(world, 'busy');
    const most = held.size;
    hanging = false;
    for (const end of held) end();
    const endedAt = performance.now();
    const wanted = hostile.accounts * hostile.grants.length;
    const looks = { agency: 'hostile', queue: 'checks', settledAt: { $exists: true } };
    const made = () => world.models.work.model.collection.countDocuments(looks as never);
    await eventually(async () => (await made()) >= wanted, { within: 120_000, every: 500 });
    for (const server of [...goods, bad]) server.close();
    return {
      endedAt,
      note: `others' p95 ${idle} ms idle, ${busy} ms beside ${most} looks that hang`,
      missed: busy <= idle * slower ? [] : [`others waited ${busy} ms, ${idle} ms when idle`],
    };
  },
};

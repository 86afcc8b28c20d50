/** The place of the account decides by which calendar its orders are worked on, whatever way an order came. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createClient } from '../../client/index.ts';
import { orderIdOf, workIdOf } from '../../kernel/ids.ts';
import { intake, signCommand } from '../../queues/intake.ts';
import { connectWorker } from '../../runtime/redis.ts';
import { intakeWorker } from '../../workers/intake.ts';
import { host } from '../../workers/machine/host.ts';
import { anApi, client, type TestApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { runScript } from '../support/script.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Thursday, the last workday before Christmas, eight in the morning in Berlin. */
const now = new Date('2026-12-24T07:00:00Z');
/** One business day later: five hours until two, nothing for three days, and three hours of Monday. */
const due = '2026-12-28T11:00:00.000Z';
const wanted = { product: 'listings', tier: 'basic', title: 'Listings', client } as const;
const place = { timeZone: 'Europe/Berlin', country: 'DE', contact: client };

let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await anApi({ business: { now: () => now } });
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  await api.models.accounts.put({ ...place, _id: 'backerei', agency: 'north', name: 'Bäckerei' });
});

const serviceKey = async () => {
  const given = { name: 'Shop', type: 'service', role: 'order_admin', agency: 'north' } as const;
  return (await api.models.apiKeys.issue(given, new Date())).key;
};
const stateOf = async (order: string) => {
  await api.work();
  return (await api.models.orders.get(order))?.state;
};

const ways: Record<string, () => Promise<string>> = {
  async 'POST /v1/admin/orders'() {
    const answer = await api.call('POST', '/v1/admin/orders', { body: { account: 'backerei', ...wanted } });
    return answer.json().order.id;
  },
  async 'POST /v1/jobs'() {
    const command = { type: 'create-order', source: 'store', ...wanted };
    const answer = await api.call('POST', '/v1/jobs', { body: { account: 'backerei', command } });
    return answer.json().order.id;
  },
  async 'the client package'() {
    const service = createClient({ url, key: await serviceKey() });
    const command = { type: 'create-order', source: 'store', ...wanted } as const;
    return (await service.enqueue({ account: 'backerei', command })).order.id;
  },
  async 'the intake'() {
    const key = await serviceKey();
    const connection = connectWorker(api.redis.url, api.context.log);
    const { prefix } = api.redis;
    const queue = new Queue(intake.name, { connection, prefix });
    const worker = host(intakeWorker, api.context, { connection: connection.duplicate(), prefix });
    const command = { type: 'create-order', source: 'store', ...wanted } as const;
    const said = signCommand(key, { id: 'order-4711', account: 'backerei', command });
    const job = await queue.add('command', said);
    await eventually(async () => (await job.getState()) === 'completed');
    await worker.close();
    await queue.close();
    connection.disconnect();
    return orderIdOf(workIdOf(said.key, 'order-4711'));
  },
  async 'import-orders'() {
    const dir = await mkdtemp(join(tmpdir(), 'orderworks-place-'));
    afterAll(() => rm(dir, { recursive: true, force: true }));
    const file = join(dir, 'orders.csv');
    const heading = 'account,product,tier,title,client_name,client_email';
    await writeFile(file, `${heading}\nbackerei,listings,basic,Imported,Cleo,cleo@example.com\n`);
    const env = { ORDERWORKS_URL: url, ORDERWORKS_KEY: api.keys.order_admin };
    expect((await runScript('import-orders', [file, '--apply'], { env })).code).toBe(0);
    const query = { 'payload.command.title': 'Imported' } as never;
    return (await api.models.work.model.collection.findOne(query))?.['order'] as string;
  },
};

describe('an order works by the calendar of its account when it comes by', () => {
  test.each(Object.entries(ways))('%s', async (_, make) => {
    const state = await stateOf(await make());
    expect(state?.calendar).toBe('DE@Europe/Berlin');
    expect(state?.slaDueAt?.toISOString()).toBe(due);
  });
});

describe('an order', () => {
  const create = async (account: string, more: object = {}) => {
    const command = { type: 'create-order', source: 'store', ...wanted, ...more };
    const answer = await api.call('POST', '/v1/jobs', { body: { account, command } });
    return (await stateOf(answer.json().order.id))?.calendar;
  };

  test('keeps the holidays of its region', async () => {
    await api.models.accounts.put({ ...place, _id: 'bavaria', agency: 'north', name: 'Bavaria', region: 'BY' });
    expect(await create('bavaria')).toBe('DE-BY@Europe/Berlin');
  });

  test('goes by the zone of the agency where the account has none that is known', async () => {
    await api.models.agencies.change('north', { set: { timeZone: 'Asia/Kolkata' } });
    await api.models.accounts.put({
      ...place,
      _id: 'pune',
      agency: 'north',
      name: 'Pune',
      timeZone: '',
      country: 'IN',
    });
    expect(await create('pune')).toBe('IN@Asia/Kolkata');
  });

  test('keeps the calendar that it was given by hand', async () => {
    expect(await create('backerei', { calendar: 'us-west' })).toBe('us-west');
  });
});

/**
 * A second version of a workflow, and its running orders moved to it by the script: in different stages, one with an open
 * form, one with an open approval. The version is there for this file alone.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Order } from '../../models/order.ts';
import type { Workflow } from '../../workflows/graph/workflow.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { aBulk } from '../support/bulk.ts';
import { runScript, type ScriptRun } from '../support/script.ts';

vi.setConfig({ testTimeout: 300_000 });
const product = 'google_ads';
const first = workflowFor(product);
const moved = ['asked', 'planned', 'shown'] as const;
const names: Record<string, string> = { intake: 'brief', campaign_plan: 'media_plan' };
const renamed = (key: string): string => names[key] ?? key;
const second: Workflow = {
  ...first,
  version: 2,
  stages: first.stages.map((stage) => ({
    ...stage,
    key: renamed(stage.key),
    after: stage.after.map(renamed),
    backTo: stage.backTo.map(renamed),
    shows: stage.shows.map(renamed),
    ...(stage.vouchesFor ? { vouchesFor: stage.vouchesFor.map(renamed) } : {}),
  })),
};
const versions = products[product] as unknown as Workflow[];

let api: TestApi;
let dir: string;
let migrate: (...args: string[]) => Promise<ScriptRun>;
const ids: Record<'asked' | 'planned' | 'shown' | 'cancelled', string> = {
  ...{ asked: '', planned: '', shown: '', cancelled: '' },
};

beforeAll(async () => {
  api = await anApi();
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const env = { ORDERWORKS_URL: url, ORDERWORKS_KEY: api.keys.order_admin };
  dir = await mkdtemp(join(tmpdir(), 'orderworks-migrate-'));
  const map = join(dir, 'map.json');
  await writeFile(map, JSON.stringify(names));
  const wanted = [product, '--to', '2', '--stages', map, '--reason', 'a new intake'];
  const { during } = aBulk(api);
  migrate = (...args) => during(() => runScript('migrate-workflow', [...wanted, ...args], { env }));
  for (const name of Object.keys(ids) as (keyof typeof ids)[]) ids[name] = await api.order(product, { title: name });
  await api.walk(ids.planned, 'campaign_plan');
  await api.walk(ids.shown, 'client_approval');
  const body = { status: 'cancelled', reason: 'Ordered twice.' };
  const headers = { 'if-match': '*' };
  await api.call('PUT', `/v1/admin/orders/${ids.cancelled}/status`, { body, headers });
  await api.work();
  versions.push(second);
});

afterAll(async () => {
  versions.pop();
  await rm(dir, { recursive: true, force: true });
});

async function orderOf(name: keyof typeof ids): Promise<Order> {
  const order = await api.models.orders.get(ids[name]);
  if (!order) throw new Error(`No order ${name}.`);
  return order;
}

const onVersions = async () =>
  Object.fromEntries(
    await Promise.all(
      (Object.keys(ids) as (keyof typeof ids)[]).map(
        async (name) => [name, (await orderOf(name)).state.workflowVersion] as const,
      ),
    ),
  );

const linkOf = ({ state }: Order, key: string): string =>
  api.token('link', state.stages.find((stage) => stage.key === key)?.link ?? '');

test('a plan tells what would become of every order, and changes none', async () => {
  const planned = await migrate();
  expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('3 would change') });
  expect(await onVersions()).toEqual({ asked: 1, planned: 1, shown: 1, cancelled: 1 });
});

test('the canary is the oldest order that is being set up, alone', async () => {
  const canary = await migrate('--canary', '1', '--apply', '--yes');
  expect(canary).toMatchObject({ code: 0, stderr: expect.stringContaining('The canary is done.') });
  expect(await onVersions()).toEqual({ asked: 1, planned: 2, shown: 1, cancelled: 1 });
});

test('the rest follows: each order once, with one line of history; what was cancelled stays as it was', async () => {
  const token = linkOf(await orderOf('asked'), 'intake');
  const { code, stdout } = await migrate('--apply', '--yes');
  expect([code, stdout]).toEqual([0, expect.stringMatching(/2 updated/)]);
  expect(await onVersions()).toEqual({ asked: 2, planned: 2, shown: 2, cancelled: 1 });
  for (const name of moved) {
    const lines = (await orderOf(name)).history.filter(({ action }) => action === 'migrate-order');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ cause: 'bulk', reason: 'a new intake', outcome: 'done' });
  }
  expect((await orderOf('planned')).state).toMatchObject({ stage: 'media_plan' });

  const sent = await api.call('POST', `/onboarding/${token}`, { as: 'nobody', body: exampleOf(second.stages[0]!) });
  expect(sent.statusCode).toBeLessThan(300);
  await api.work();
  expect((await orderOf('asked')).state.stages[0]).toMatchObject({ key: 'brief', status: 'in_review' });
});

test('a second run changes nothing', async () => {
  const documents = () => Promise.all(moved.map(async (name) => (await orderOf(name)).version));
  const before = await documents();
  expect(await migrate('--apply', '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('0 would change'),
  });
  expect(await documents()).toEqual(before);
});

test('an approval that would show something else was asked for again, and all orders come to their end', async () => {
  const { state } = await orderOf('shown');
  expect(state.stages.find(({ key }) => key === 'client_approval')).toMatchObject({ status: 'waiting', round: 2 });
  for (const name of moved) {
    await api.walk(ids[name]);
    expect((await orderOf(name)).state.status).toBe('live');
  }
});

import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { orderIdOf, workIdOf } from '../../kernel/ids.ts';
import { failureOf } from '../../kernel/work.ts';
import { intake, type SignedCommand, signCommand } from '../../queues/intake.ts';
import { connectWorker } from '../../runtime/redis.ts';
import { intakeWorker } from '../../workers/intake.ts';
import { host } from '../../workers/machine/host.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import { anApi, client, type TestApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';

const command = {
  type: 'create-order',
  product: 'listings',
  tier: 'basic',
  source: 'store',
  title: 'From Redis',
  client,
} as const;

describe('the intake', () => {
  let api: TestApi;
  let key: string;
  let queue: Queue;
  let redis: Redis;

  beforeAll(async () => {
    api = await anApi();
    const given = { name: 'Shop', type: 'service', role: 'order_admin', agency: 'north' } as const;
    key = (await api.models.apiKeys.issue(given, new Date())).key;
    const connection = connectWorker(api.redis.url, api.context.log);
    const { prefix } = api.redis;
    redis = new Redis(api.redis.url);
    queue = new Queue('intake', { connection, prefix });
    const worker = host(intakeWorker, api.context, { connection: connection.duplicate(), prefix });
    afterAll(async () => {
      await worker.close();
      await queue.close();
      redis.disconnect();
      connection.disconnect();
    });
  });

  /** Adds what is said and waits until the worker has let go of it. */
  async function say(data: unknown): Promise<void> {
    const job = await queue.add('command', data);
    await eventually(async () => (await job.getState()) === 'completed');
  }
  const items = () => api.models.work.model.countDocuments();
  const signed = (id: string, more: object = {}): SignedCommand =>
    signCommand(key, { id, account: 'acme', command, ...more });

  test('makes one work item of a signed command, however often it is said', async () => {
    const said = signed('order-4711');
    await say(said);
    await say(said);
    const work = workIdOf(said.key, 'order-4711');
    expect(await api.models.work.get(work)).toMatchObject({ state: 'open', actor: { type: 'service', id: said.key } });
    expect(await items()).toBe(1);
    await api.work();
    expect((await api.models.orders.get(orderIdOf(work)))?.state.title).toBe('From Redis');
  });

  test('is the same to a service that says it over HTTP as well', async () => {
    const body = { account: 'acme', command };
    const answer = await api.call('POST', '/v1/jobs', { as: key, body, headers: { 'idempotency-key': 'order-4711' } });
    expect([answer.statusCode, answer.headers['idempotency-replayed']]).toEqual([202, 'true']);
  });

  test('has a retry take up what was given up of the stage, as over HTTP', async () => {
    const order = await api.order('seo');
    const isLink = ({ queue }: { queue: string }) => queue === 'onboarding';
    const link = (await api.models.work.ofOrder(order, 100)).find(isLink);
    if (!link) throw new Error('The order asked for no link.');
    await api.models.work.model.collection.updateOne({ _id: link._id as never }, { $set: { state: 'open' } });
    const failure = failureOf('test', new Error('broken'), new Date());
    expect(await api.models.work.bury(link, failure)).toBe(true);
    await say(signed('retry-4711', { account: undefined, order, command: { type: 'retry-stage', stage: 'intake' } }));
    await api.work();
    const retry = await api.models.work.get(workIdOf(signed('retry-4711').key, 'retry-4711'));
    expect(retry?.outcome).toMatchObject({ status: 'done' });
    expect(await api.models.work.get(link._id)).toMatchObject({ state: 'done', generation: link.generation + 1 });
  });

  test.each([
    ['an altered command', () => ({ ...signed('altered-1'), account: 'bolt' })],
    ['another’s signature', () => ({ ...signed('altered-2'), signature: 'a'.repeat(64) })],
    ['a made-up key', () => signCommand(`ow_${'a'.repeat(12)}_secret`, { id: 'altered-3', account: 'acme', command })],
    ['a foreign account', () => signed('foreign-1', { account: 'cove' })],
    [
      'an order that there is not',
      () => signed('foreign-2', { account: undefined, order: 'ord_x', command: { type: 'pause' } }),
    ],
    [
      'an assignment to nobody of the agency',
      () => {
        const order = orderIdOf(workIdOf(signed('order-4711').key, 'order-4711'));
        return signed('foreign-3', { account: undefined, order, command: { type: 'assign', manager: 'nobody' } });
      },
    ],
    [
      'a command of the system',
      () =>
        signed('system-1', {
          account: undefined,
          order: 'ord_x',
          command: { type: 'record-link', stage: 's', round: 1, link: 'l' },
        }),
    ],
    ['no command at all', () => ({ $set: { state: 'done' } })],
    ['nothing', () => null],
  ])('makes nothing of %s', async (_, data) => {
    const before = await items();
    await say(data());
    expect(await items()).toBe(before);
  });

  const deep = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;
  test.each([
    ['half of a surrogate pair', () => ({ ...signed('odd-0001'), command: { ...command, title: 'a\ud800' } })],
    ['NUL in a name', () => ({ ...signed('odd-0002'), command: { ...command, options: { 'a\0': 1 } } })],
    ['half of a pair in a name', () => ({ ...signed('odd-0003'), command: { ...command, options: { '\udc00': 1 } } })],
    ['thousands of levels', () => ({ ...signed('odd-0004'), command: { ...command, options: { a: deep(2_000) } } })],
    ['a hundred thousand values', () => ({ ...signed('odd-0005'), x: Array.from({ length: 100_000 }, () => 1) })],
  ])('refuses %s at its first try', async (_, data) => {
    const before = await items();
    const job = await queue.add('command', data());
    await eventually(async () => !['waiting', 'active'].includes(await job.getState()));
    expect(await job.getState()).toBe('completed');
    expect(await items()).toBe(before);
    expect(await api.models.work.model.countDocuments({ state: 'dead' })).toBe(0);
  });

  test('keeps what is finished for as long as we say, whatever the job asks for', async () => {
    const job = await queue.add('command', null, { removeOnComplete: false, attempts: 1_000_000 });
    await eventually(async () => (await job.getState()) === 'completed');
    const old = Date.now() - 3 * 3_600_000;
    await redis.zadd(`${api.redis.prefix}:intake:completed`, old, String(job.id));
    await redis.hset(`${api.redis.prefix}:intake:${job.id}`, 'finishedOn', String(old));
    await api.context.nudger.tidy('intake');
    expect(await job.getState()).toBe('unknown');
  });

  test('sweeps jobs that nobody can read, and makes no dead letter of them', async () => {
    const { prefix } = api.redis;
    for (const [job, fields] of Object.entries({ data: { data: '{' }, opts: { opts: 'no' } })) {
      await redis.hset(`${prefix}:intake:${job}`, {
        name: 'command',
        data: '{}',
        opts: '{}',
        timestamp: '1',
        ...fields,
      });
      await redis.lpush(`${prefix}:intake:wait`, job);
      await redis.zadd(`${prefix}:intake:marker`, 0, '0');
    }
    const dispatcher = newDispatcher('only');
    await eventually(
      async () => {
        await tick(dispatcher, api.context);
        return (await redis.exists(`${prefix}:intake:data`, `${prefix}:intake:opts`)) === 0;
      },
      { within: 20_000, every: 200 },
    );
    expect(await api.models.work.model.countDocuments({ state: 'dead' })).toBe(0);
    await say(signed('after-the-poison'));
  });

  test('tries a fault of ours a few times, and then keeps what was said as a dead letter', async () => {
    const other = await anApi();
    const connection = connectWorker(other.redis.url, other.context.log);
    const { prefix } = other.redis;
    const take = () => Promise.reject(new Error('a fault of ours'));
    const broken = { ...intakeWorker, queue: { ...intake, attempts: 2, backoff: 1 }, take };
    const worker = host(broken, other.context, { connection, prefix });
    const its = new Queue('intake', { connection: connection.duplicate(), prefix });
    const job = await its.add('command', { said: 'this' }, { attempts: 1_000_000, jobId: 'command_ord.1' });
    await eventually(async () => (await job.getState()) === 'failed');
    await tick(newDispatcher('only'), other.context);
    const [letter] = await other.models.work.model.find({ state: 'dead' }).lean();
    expect(letter).toMatchObject({ queue: 'intake', kind: 'foreign', payload: { said: '{"said":"this"}' } });
    expect(await job.getState()).toBe('unknown');
    await worker.close();
    await its.close();
    connection.disconnect();
  });
});

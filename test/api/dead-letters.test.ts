import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import { systemClock } from '../../kernel/time.ts';
import { failureOf, openWork } from '../../kernel/work.ts';
import { drain } from '../../workers/machine/drain.ts';
import { anApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let order: string;

beforeAll(async () => {
  api = await anApi();
  order = await api.order('gbp');
}, 120_000);

beforeEach(async () => {
  await items().deleteMany({ state: 'dead' } as never);
});

const items = () => api.models.work.model.collection;
const reason = 'The mail server is back.';
const rename = (title: string) => ({ order, command: { type: 'update-order', title } });

async function aDeadItem(cause = 'broken', payload: Record<string, unknown> = rename(newId()), agency = 'north') {
  const who = { actor: { type: 'service' as const, id: 'test' }, cause: 'api' as const, agency, account: 'acme' };
  const own = String(payload['order'] ?? order);
  const draft = { _id: newId(), queue: 'setup', kind: 'command', schema: 1, payload, order: own, ...who };
  const now = systemClock.now();
  const item = { ...openWork(draft, 'nudged', now), failure: failureOf('command', new Error(cause), now) };
  await api.models.work.insert({ ...item, state: 'dead', settledAt: now });
  return item;
}

const post = (path: string, body: object, as?: 'order_admin' | 'fulfillment' | 'setup_manager') =>
  api.call('POST', `/v1/admin/dead-letters/${path}`, { body, ...(as && { as }) });

describe('dead letters', () => {
  test('are grouped by cause, numbers and ids aside, with the orders they hold up', async () => {
    await aDeadItem('took longer than 30000 ms');
    await aDeadItem('took longer than 40000 ms');
    await aDeadItem('another cause');
    const { data } = (await api.call('GET', '/v1/admin/dead-letters')).json();
    expect(data).toHaveLength(2);
    expect(data[0]).toMatchObject({ count: 2, queue: 'setup', kind: 'command', held: 1, orders: [order] });
    const shown = await api.call('GET', `/v1/admin/dead-letters/${data[0].fingerprint}`);
    expect(shown.json().data).toHaveLength(2);
  });

  test('of another agency are neither shown nor touched', async () => {
    const { _id, failure } = await aDeadItem('foreign', rename('x'), 'south');
    expect((await api.call('GET', '/v1/admin/dead-letters')).json().data).toEqual([]);
    expect((await post('replay', { fingerprint: failure.fingerprint, reason })).json()).toEqual({ changed: 0 });
    expect((await post(`items/${_id}/replay`, { payload: rename('y'), reason })).statusCode).toBe(404);
  });

  test('are replayed as a group, and twice is once', async () => {
    const dead = [await aDeadItem('group'), await aDeadItem('group')];
    const body = { fingerprint: dead[0]?.failure.fingerprint, reason };
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('replay', body)));
    expect(answers.reduce((sum, answer) => sum + answer.json().changed, 0)).toBe(2);
    const opened = await api.models.work.get(dead[0]?._id ?? '');
    expect(opened).toMatchObject({ state: 'open', phase: 'ready', generation: 2 });

    const before = (await api.models.orders.get(order))?.version ?? 0;
    await api.work();
    await post('replay', { ids: dead.map(({ _id }) => _id), reason });
    await api.work();
    expect((await api.models.orders.get(order))?.version).toBe(before + 2);
  });

  const retries: [string, 'PUT' | 'POST', (id: string) => string, (id: string) => object][] = [
    ['PUT …/stage', 'PUT', (id) => `/v1/admin/orders/${id}/stage`, () => ({ action: 'retry', stage: 'intake' })],
    [
      'POST /v1/jobs',
      'POST',
      () => '/v1/jobs',
      (id) => ({ order: id, command: { type: 'retry-stage', stage: 'intake' } }),
    ],
  ];
  test.each(retries)(
    'of a stage are taken up by a retry with %s, and the same request again is that retry',
    async (_, method, urlOf, bodyOf) => {
      const own = await api.order('gbp');
      const { _id } = await aDeadItem('stuck', { order: own, command: { type: 'issue-link', stage: 'intake' } });
      const ask = (key = newId()) =>
        api.call(method, urlOf(own), { body: bodyOf(own), headers: { 'if-match': '*', 'idempotency-key': key } });
      const key = newId();
      const first = await ask(key);
      expect(first.statusCode).toBe(202);
      await api.work();
      expect((await api.models.work.get(_id))?.state).not.toBe('dead');
      const again = await ask(key);
      expect(again.json().job.id).toBe(first.json().job.id);
      expect((await ask()).json().code).toBe('wrong_gate');
    },
  );

  test('are replayed with other data when these fit, and say what does not', async () => {
    const { _id } = await aDeadItem('odd', { order, command: { type: 'no-such-command' } });
    const wrong = await post(`items/${_id}/replay`, { payload: { order }, reason });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json().errors[0].pointer).toMatch(/^\/payload/);
    expect((await post(`items/${_id}/replay`, { payload: rename('Put right'), reason })).json()).toEqual({
      changed: 1,
    });
    await api.work();
    expect((await api.models.orders.get(order))?.state.title).toBe('Put right');
  });

  test('are not replayed when what they do once was done, nor before a person knows whether it was', async () => {
    const recipient = { name: 'Cleo', email: 'cleo@example.com' };
    const dead: Record<string, string> = {};
    for (const state of ['sent', 'unknown', 'queued'] as const) {
      const payload = { template: 'order-cancelled', order, recipient, data: {} };
      const { _id } = await aDeadItem(`mail ${state}`, payload);
      await items().updateOne({ _id } as never, { $set: { queue: 'notifications', kind: 'send' } });
      const draft = { _id, agency: 'north', account: 'acme', order, template: 'order-cancelled', recipient };
      await api.models.notifications.begin({ ...draft, messageId: '<a@b>' }, 'token', systemClock.now());
      await api.models.notifications.end({ _id, token: 'token' }, { state }, systemClock.now());
      dead[state] = _id;
    }
    const { sent = '', unknown = '', queued = '' } = dead;
    const answer = (await post('replay', { ids: [sent, unknown, queued], reason })).json();
    expect(answer).toEqual({ changed: 1, finished: [sent], unknown: [unknown] });
    const states = [sent, unknown, queued].map(async (id) => (await api.models.work.get(id))?.state);
    expect(await Promise.all(states)).toEqual(['dead', 'dead', 'open']);
    const payload = { template: 'order-cancelled', order, recipient, data: {} };
    expect((await post(`items/${sent}/replay`, { payload, reason })).json().code).toBe('nothing_changed');
    expect((await post(`items/${unknown}/replay`, { payload, reason })).json().code).toBe('outcome_unknown');
  });

  test('are given up with a reason, and cannot be replayed after', async () => {
    const { _id } = await aDeadItem('useless');
    expect((await post('discard', { ids: [_id] })).statusCode).toBe(400);
    expect((await post('discard', { ids: [_id], reason })).json()).toEqual({ changed: 1 });
    expect((await post('replay', { ids: [_id], reason })).json()).toEqual({ changed: 0 });
    expect(await api.models.work.get(_id)).toMatchObject({ state: 'discarded' });
  });

  test('are touched by nobody without the right', async () => {
    const { _id } = await aDeadItem();
    expect((await post('replay', { ids: [_id], reason }, 'setup_manager')).statusCode).toBe(403);
    expect((await post('discard', { ids: [_id], reason }, 'fulfillment')).statusCode).toBe(403);
  });

  test('take either a cause or ids', async () => {
    expect((await post('replay', { reason })).statusCode).toBe(400);
    expect((await post('replay', { fingerprint: '0'.repeat(16), ids: ['x'], reason })).statusCode).toBe(400);
  });

  test('leave a line in the audit for each intervention: who, what and why', async () => {
    const { _id } = await aDeadItem('audited');
    await post('replay', { ids: [_id], reason });
    const stream = api.models.streams.find(({ name }) => name === 'queue');
    const read = await stream?.get('setup');
    if (!stream || !read) throw new Error('No stream of interventions.');
    await drain(stream, read, api.context);
    const last = (await api.models.audit.read('queue.setup', 0, 1_000)).at(-1);
    expect(last).toMatchObject({ action: 'replay', reason, actor: { role: 'order_admin' } });
    expect(last?.events[0]).toMatchObject({ type: 'dead-letters-replay', count: 1, items: [_id] });
  });
});

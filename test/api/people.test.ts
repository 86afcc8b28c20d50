/** Who is responsible, what needs looking at, and doing things again, as the API offers them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../kernel/time.ts';
import { openWork } from '../../kernel/work.ts';
import { anApi, type TestApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
  await api.models.staff.put({ _id: 'ann', name: 'Ann Baker', email: 'ann@example.com', capacity: 1 });
  await api.models.staff.put({ _id: 'sue', name: 'Sue South', email: 'sue@example.com', agency: 'south' });
});

const any = { 'if-match': '*' };
const assign = (order: string, body: object, as = 'setup_manager') =>
  api.call('PUT', `/v1/admin/orders/${order}/assignment`, { as, body, headers: any });
const get = async (url: string, as = 'order_admin') => (await api.call('GET', url, { as })).json();
const move = (order: string, body: object) =>
  api.call('PUT', `/v1/admin/orders/${order}/stage`, { body, headers: any });
/** Mails aside, what people are told of is kept by the notifications worker. */
async function carryOn(): Promise<void> {
  await api.work();
  await api.keepWatch();
}

describe('an assignment', () => {
  test('shows in the order, in filtered lists and in the workload, and alerts when it is too much', async () => {
    const [one, two] = [await api.order('seo'), await api.order('seo', { account: 'bolt' })];
    for (const order of [one, two]) {
      expect(
        (await assign(order, { manager: 'ann', specialists: [{ staff: 'ann', stage: 'intake' }] })).statusCode,
      ).toBe(202);
    }
    await carryOn();
    expect(await get(`/v1/admin/orders/${one}`)).toMatchObject({
      manager: 'ann',
      assignments: [
        { staff: 'ann', as: 'manager' },
        { staff: 'ann', as: 'specialist', stage: 'intake' },
      ],
    });
    for (const filter of ['manager=ann', 'assignee=ann']) {
      const { data } = await get(`/v1/admin/orders?${filter}`);
      expect(data.map(({ id }: { id: string }) => id).sort()).toEqual([one, two].sort());
    }
    expect((await get('/v1/admin/orders?manager=bob')).data).toEqual([]);
    expect((await get('/v1/admin/workload')).data).toEqual([
      { staff: 'ann', name: 'Ann Baker', capacity: 1, orders: 2, stages: 2, isOver: true },
    ]);
    expect((await get('/v1/admin/workload', 'account_manager')).data).toMatchObject([{ staff: 'ann', orders: 1 }]);
    expect((await get('/v1/admin/alerts?kind=capacity')).data).toMatchObject([{ staff: 'ann', state: 'open' }]);
    expect((await get('/v1/admin/alerts?kind=capacity', 'account_manager')).data).toEqual([]);
  });

  test('names the person and the stage that are not there, and takes nothing', async () => {
    const order = await api.order('seo');
    for (const [body, status, pointer] of [
      [{ manager: 'nobody' }, 404, '/manager'],
      [{ specialists: [{ staff: 'ann' }, { staff: 'sue' }] }, 404, '/specialists/1/staff'],
      [{ specialists: [{ staff: 'ann', stage: 'moon' }] }, 422, '/specialists/0/stage'],
      [{}, 400, ''],
      [{ manager: 'ann', boss: true }, 400, '/boss'],
    ] as const) {
      const answer = await assign(order, body);
      expect([answer.statusCode, answer.json().errors?.[0]?.pointer], answer.body).toEqual([status, pointer]);
    }
    const again = await api.call('POST', '/v1/jobs', {
      body: { order, command: { type: 'assign', manager: 'nobody' } },
    });
    expect(again.json().code).toBe('staff_not_found');
    expect((await assign(order, { manager: 'ann' }, 'fulfillment')).statusCode).toBe(403);
    expect((await get(`/v1/admin/orders/${order}`)).version).toBe((await api.models.orders.get(order))?.version);
    expect((await api.models.orders.get(order))?.state.assignments).toBeUndefined();
  });

  test('is looked for along an index, and so is the workload', async () => {
    for (const filter of [{ 'state.manager': 'ann' }, { 'state.assignees': 'ann' }, { 'state.load.staff': 'ann' }]) {
      const found = api.models.orders.model.collection.find({ agency: 'north', ...filter } as never);
      const plan = JSON.stringify(await found.explain('queryPlanner'));
      expect(plan).toContain('IXSCAN');
      expect(plan).toContain(Object.keys(filter)[0]);
    }
  });
});

describe('an alert', () => {
  test('of an order that nobody has is listed, acknowledged once, and over when somebody has it', async () => {
    const order = await api.order('seo');
    await api.walk(order, 'access_granted');
    await carryOn();
    const { data } = await get(`/v1/admin/alerts?order=${order}`);
    expect(data).toMatchObject([{ kind: 'unassigned', state: 'open', count: 1, account: 'acme', severity: 'warning' }]);
    const url = `/v1/admin/alerts/${data[0].id}`;
    const body = { state: 'acknowledged', reason: 'I ask around.' };
    const headers = { 'idempotency-key': 'acknowledge-1' };
    const first = await api.call('PUT', url, { as: 'setup_manager', body, headers });
    expect(first.statusCode).toBe(202);
    expect((await api.call('PUT', url, { as: 'setup_manager', body, headers })).json().job.id).toBe(
      first.json().job.id,
    );
    await carryOn();
    expect((await get(`/v1/admin/alerts?order=${order}`)).data).toMatchObject([{ state: 'acknowledged' }]);
    expect((await api.call('PUT', url, { body })).json().code).toBe('nothing_changed');
    await assign(order, { manager: 'ann' });
    await carryOn();
    expect((await get(`/v1/admin/alerts?order=${order}`)).data).toEqual([]);
    expect((await get(`/v1/admin/alerts?order=${order}&state=resolved`)).data).toHaveLength(1);
    expect((await api.call('PUT', url, { body })).json().code).toBe('alert_resolved');
    expect((await api.call('PUT', '/v1/admin/alerts/none', { body })).json().code).toBe('alert_not_found');
  });
});

describe('an alert of a mail in doubt', () => {
  /** A mail that a worker began to send and never reported. */
  async function inDoubt(): Promise<{ order: string; id: string; mail: string }> {
    const order = await api.order('seo');
    const recipient = { name: 'Cleo', email: 'cleo@example.com' };
    const who = { agency: 'north', account: 'acme', order };
    const mail = `mail-${order}`;
    const draft = {
      _id: mail,
      ...who,
      template: 'order-cancelled',
      to: 'client' as const,
      recipient,
      messageId: '<a@b>',
    };
    await api.models.notifications.begin(draft, 'token', systemClock.now());
    const begun = await api.models.notifications.get(mail);
    if (begun) await api.models.notifications.lapse(begun, systemClock.now());
    const payload = { template: 'order-cancelled', order, recipient, data: {} };
    const actor = { type: 'system' as const, id: 'orderworks' };
    const common = { ...who, actor, cause: 'worker' as const, queue: 'notifications', schema: 1 };
    const now = systemClock.now();
    const refused = { status: 'refused' as const, code: 'delivery_unknown' };
    await api.models.work.insert(openWork({ ...common, _id: mail, kind: 'notify', payload }, 'nudged', now));
    await api.models.work.settle(mail, refused, now);
    const look = { ...common, _id: `look-${order}`, kind: 'doubt', payload: { notification: mail } };
    await api.models.work.insert(openWork(look, 'nudged', now));
    await api.keepWatch();
    const { data } = await get(`/v1/admin/alerts?order=${order}&kind=delivery-unknown`);
    expect(data).toMatchObject([{ state: 'open', notification: mail, what: expect.stringContaining('to the client') }]);
    expect(JSON.stringify(data)).not.toContain('@');
    return { order, mail, id: data[0].id };
  }
  const say = (id: string, body: object, as = 'setup_manager') =>
    api.call('PUT', `/v1/admin/alerts/${id}/delivery`, { as, body });

  test('is answered once, with a reason, by whoever may', async () => {
    const { id, mail } = await inDoubt();
    const body = { outcome: 'arrived', reason: 'They read it to me.' };
    expect((await say(id, { outcome: 'arrived' })).statusCode).toBe(400);
    expect((await say(id, { ...body, outcome: 'perhaps' })).statusCode).toBe(400);
    expect((await say(id, body, 'account_manager')).statusCode).toBe(403);
    expect((await say('none.delivery-unknown', body)).json().code).toBe('alert_not_found');
    expect((await say(id, body)).statusCode).toBe(202);
    await carryOn();
    expect((await say(id, body)).json().code).toBe('alert_resolved');
    expect(await api.models.notifications.get(mail)).toMatchObject({ state: 'sent' });
    const lines = (await api.models.alerts.get(id))?.history ?? [];
    expect(lines.at(-1)).toMatchObject({
      action: 'answer-delivery',
      reason: body.reason,
      actor: { role: 'setup_manager' },
    });
  });

  test('has the mail sent again, as one of its own', async () => {
    const { id, order, mail } = await inDoubt();
    await say(id, { outcome: 'send_again', reason: 'They never had it.' });
    await carryOn();
    const again = (await api.models.work.ofOrder(order, 50)).filter(
      ({ kind, _id }) => kind === 'notify' && _id !== mail,
    );
    expect(again.filter(({ payload }) => payload['template'] === 'order-cancelled')).toMatchObject([{ state: 'open' }]);
  });

  test('is the only one that such an answer is for', async () => {
    const order = await api.order('seo');
    await api.walk(order, 'access_granted');
    await carryOn();
    const { data } = await get(`/v1/admin/alerts?order=${order}`);
    expect((await say(data[0].id, { outcome: 'arrived', reason: 'So.' })).json().code).toBe('nothing_changed');
  });
});

describe('a list of orders', () => {
  test('says why each is where it is, and how often it was overridden; so does its progress', async () => {
    const order = await api.order('seo', { account: 'bolt' });
    await move(order, { action: 'override', stage: 'intake', override: 'skip', reason: 'We have it.' });
    await api.work();
    const { data } = await get('/v1/admin/orders?account=bolt&limit=1');
    const { overrides, why } = await get(`/v1/admin/orders/${order}/setup-progress`);
    expect(data[0]).toMatchObject({ id: order, overrides: 1, why });
    expect(overrides).toBe(1);
    expect(why.blocker).toMatch(/^Access is missing: "Access to site and tools"\./);
    // Whom it is first depends on the day of the week: clients are reminded on working days.
    expect(why.next).toMatchObject({
      what: expect.stringMatching(/is reminded|manager is told/),
      at: expect.any(String),
    });
  });
});

describe('doing something again', () => {
  test('is refused where nothing failed, and a restart says why', async () => {
    const order = await api.order('listings');
    await api.walk(order, 'submitted');
    const codes = [
      { action: 'retry', stage: 'submitted' },
      { action: 'resolve', stage: 'submitted', outcome: 'done', reason: 'They say so.' },
      { action: 'restart', stage: 'live', reason: 'Again.' },
    ].map(async (body) => (await move(order, body)).json().code);
    expect(await Promise.all(codes)).toEqual(['stage_not_ready', 'stage_not_ready', 'stage_not_ready']);
    expect((await move(order, { action: 'restart', stage: 'nap_confirmed' })).statusCode).toBe(400);
    expect((await move(order, { action: 'restart', stage: 'nap_confirmed', reason: 'It moved.' })).statusCode).toBe(
      202,
    );
    await api.work();
    expect((await get(`/v1/admin/orders/${order}`)).stage).toBe('nap_confirmed');
  });
});

describe('an approval page', () => {
  const dee = { name: 'Dee Delegate', email: 'dee@example.com' };
  async function asked() {
    const order = await api.order('google_ads');
    await api.walk(order, 'client_approval');
    const { approval = '' } = (await get(`/v1/admin/orders/${order}`)).stages.find(
      ({ key }: { key: string }) => key === 'client_approval',
    );
    return { order, approval, url: `/approve/${api.token('approval', approval)}` };
  }

  test('hands the decision to another person, whose page decides; the old one shows what became of it', async () => {
    const { order, approval, url } = await asked();
    const page = await api.call('POST', url, { as: 'nobody', form: { decision: 'delegate', ...dee } });
    expect([page.statusCode, page.body.includes('passed this decision on')]).toEqual([200, true]);
    await api.work();
    const requests = await api.models.approvals.ofOrder(order);
    const next = requests.find(({ _id }) => _id !== approval);
    expect(next).toMatchObject({ round: 2, recipient: dee });
    const late = await api.call('POST', url, { as: 'nobody', body: { decision: 'approve' } });
    expect(late.json().code).toBe('already_decided');
    const history = JSON.stringify((await api.models.orders.get(order))?.history);
    expect(history).not.toContain('dee@example.com');
    const theirs = `/approve/${api.token('approval', next?._id ?? '')}`;
    expect((await api.call('POST', theirs, { as: 'nobody', body: { decision: 'approve' } })).statusCode).toBe(202);
    await api.work();
    expect((await get(`/v1/admin/orders/${order}`)).stage).not.toBe('client_approval');
  });

  test('asks for the name and the address, and changes nothing until they are there', async () => {
    const { order, url } = await asked();
    const before = (await api.models.orders.get(order))?.version;
    const page = await api.call('POST', url, {
      as: 'nobody',
      form: { decision: 'delegate', name: 'Dee', email: 'no' },
    });
    expect([page.statusCode, page.body.includes('name and email address')]).toEqual([422, true]);
    expect(page.body).toContain('value="Dee"');
    const plain = await api.call('POST', url, { as: 'nobody', body: { decision: 'delegate' } });
    expect(plain.json().errors[0].pointer).toBe('/email');
    await api.call('GET', `${url}?decision=delegate&name=Dee&email=dee@example.com`, { as: 'nobody' });
    expect(await api.work()).toBe(0);
    expect((await api.models.orders.get(order))?.version).toBe(before);
  });
});

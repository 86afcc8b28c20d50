import { beforeAll, describe, expect, test } from 'vitest';
import { orderId, putOrders } from '../../bench/orders.ts';
import { anApi, client, type TestApi } from '../support/api.ts';
import { aBulk } from '../support/bulk.ts';

let api: TestApi;
let bulk: ReturnType<typeof aBulk>;
let ids: string[];
const action = { type: 'set-priority', priority: 'high' };

beforeAll(async () => {
  api = await anApi();
  bulk = aBulk(api);
  ids = [await api.order('software'), await api.order('software'), await api.order('google_ads')];
});

describe('a plan', () => {
  test('changes nothing, and says what would happen to every order', async () => {
    const before = await Promise.all(ids.map((id) => api.models.orders.get(id)));
    const planned = await bulk.plan({ action, ids });
    expect(planned).toMatchObject({ status: 'planned', plan: { total: 3, verdicts: { will_change: 3 } } });
    expect(planned.plan?.samples[0]).toEqual({
      order: ids[0],
      title: 'software for Acme',
      changes: [{ path: 'priority', before: null, after: 'high' }],
    });
    expect(await Promise.all(ids.map((id) => api.models.orders.get(id)))).toEqual(before);
  });
});

describe('a started plan', () => {
  test('changes every order once, with one line of history that names the operation and the person', async () => {
    const done = await bulk.run(await bulk.plan({ action, ids, reason: 'VIP week' }));
    expect(done).toMatchObject({ status: 'completed', progress: { updated: 3, open: 0, total: 3 } });
    for (const id of ids) {
      const order = await api.models.orders.get(id);
      expect(order?.state.priority).toBe('high');
      const lines = order?.history.filter(({ cause }) => cause === 'bulk');
      expect(lines).toMatchObject([
        { action: 'set-priority', reason: 'VIP week', work: `${done.id}-${id}`, outcome: 'done' },
      ]);
      expect(order?.outboxDueAt).toBeUndefined();
      const audited = await api.models.audit.byWork(`order.${id}`, `${done.id}-${id}`);
      expect(audited?.hash).toBe(order?.head);
    }
    expect((await bulk.result(done.id)).map((row) => row[3])).toEqual(['outcome', 'updated', 'updated', 'updated']);
  });

  test('is undone by a plan of its own, save where somebody else has written since', async () => {
    const done = await bulk.run(await bulk.plan({ action: { type: 'set-priority', priority: 'urgent' }, ids }));
    const command = { type: 'set-priority', priority: 'low' };
    await api.call('POST', '/v1/jobs', { body: { order: ids[1], command } });
    await api.work();
    const asked = await bulk.turn(done.id, 'undo', { reason: 'A mistake.' });
    expect(asked.statusCode, asked.body).toBe(202);
    await bulk.settle();
    const planned = await bulk.show(asked.json().id);
    expect(planned.plan).toMatchObject({ total: 3, verdicts: { will_change: 2, conflict: 1 } });
    const undone = await bulk.run(planned);
    expect(undone).toMatchObject({ progress: { updated: 2, conflict: 1, open: 0 } });
    const now = await Promise.all(ids.map(async (id) => (await api.models.orders.get(id))?.state.priority));
    expect(now).toEqual(['high', 'low', 'high']);
  });
});

describe('an assignment of many orders', () => {
  const plan = (manager: string) => ({ action: { type: 'assign', manager }, ids, reason: 'Ann takes over.' });

  test('gives each its manager, and an undo gives each back', async () => {
    await api.models.staff.put({ _id: 'ann', name: 'Ann Baker', email: 'ann@example.com' });
    const done = await bulk.run(await bulk.plan(plan('ann')));
    expect(done).toMatchObject({ status: 'completed', progress: { updated: 3 } });
    const managers = () => Promise.all(ids.map(async (id) => (await api.models.orders.get(id))?.state.manager));
    expect(await managers()).toEqual(['ann', 'ann', 'ann']);
    const asked = await bulk.turn(done.id, 'undo', { reason: 'Too early.' });
    await bulk.settle();
    const undone = await bulk.run(await bulk.show(asked.json().id));
    expect(undone).toMatchObject({ status: 'completed', progress: { updated: 3 } });
    expect(await managers()).toEqual([undefined, undefined, undefined]);
  });

  test('to somebody of another agency is refused before anything is planned', async () => {
    await api.models.staff.put({ _id: 'sue', name: 'Sue South', email: 'sue@example.com', agency: 'south' });
    const answer = await bulk.ask(plan('sue'));
    expect(answer.json()).toMatchObject({ code: 'staff_not_found', errors: [{ pointer: '/action/manager' }] });
  });
});

describe('a plan that cannot be', () => {
  const refused = async (body: object, asked = {}) => {
    const before = await api.models.operations.model.collection.countDocuments({});
    const answer = await bulk.ask({ reason: 'asked', action, ...body }, asked);
    expect(await api.models.operations.model.collection.countDocuments({}), answer.body).toBe(before);
    const { code, errors = [] } = answer.json();
    return { status: answer.statusCode, code, first: errors[0] };
  };

  test('for a filter that matches nothing is refused at once', async () => {
    expect(await refused({ filter: { q: 'nobody-at-all' } })).toMatchObject({ status: 422, code: 'nothing_matched' });
  });

  test('for a filter with an unknown field is refused by its name', async () => {
    const answer = await refused({ filter: { colour: 'red' } });
    expect(answer).toMatchObject({ status: 400, first: { pointer: '/filter/colour', rule: 'unknown_field' } });
  });

  test('for both a filter and ids, or neither, is refused', async () => {
    expect(await refused({ filter: {}, ids })).toMatchObject({ status: 400 });
    expect(await refused({})).toMatchObject({ status: 400 });
  });

  test('for an id given twice names both places', async () => {
    const answer = await refused({ ids: [ids[0], ids[1], ids[0]] });
    expect(answer.first).toMatchObject({ pointer: '/ids/2', rule: 'twice' });
    expect(answer.first.message).toContain('/ids/0');
  });

  test('for an action that the role has no right to is refused', async () => {
    const body = { ids, action: { type: 'set-status', status: 'cancelled' } };
    expect(await refused(body, { as: 'setup_manager' })).toMatchObject({ status: 403, code: 'forbidden' });
  });

  test('for another body under the same key is refused; the same body is the same operation', async () => {
    const headers = { 'idempotency-key': 'bulk-of-today' };
    const first = (await bulk.ask({ reason: 'asked', action, ids }, { headers })).json();
    expect((await bulk.ask({ reason: 'asked', action, ids }, { headers })).json().id).toBe(first.id);
    expect(await refused({ ids: [ids[0]] }, { headers })).toMatchObject({ status: 422, code: 'key_reused' });
  });
});

describe('ids that are not ours', () => {
  test('are listed as refused, whether there are such orders or not, and touch nothing', async () => {
    const south = { name: 'south', type: 'staff', role: 'order_admin', agency: 'south' } as const;
    const { key } = await api.models.apiKeys.issue(south, new Date());
    const body = { account: 'cove', product: 'software', tier: 'standard', title: 'Foreign', client };
    const foreign = (await api.call('POST', '/v1/admin/orders', { as: key, body })).json().order.id;
    await bulk.settle();
    const planned = await bulk.plan({
      action: { type: 'tag-order', add: ['ours'] },
      ids: [foreign, 'ord_none', ids[0]],
    });
    expect(planned.plan).toMatchObject({ verdicts: { will_change: 1, refused: 2 } });
    expect(planned.plan?.rules).toEqual([{ rule: 'order_not_found', count: 2 }]);
    expect(await bulk.run(planned)).toMatchObject({ status: 'completed', progress: { updated: 1, refused: 2 } });
    expect((await api.models.orders.get(foreign))?.state.tags).toBeUndefined();
  });
});

describe('orders that somebody touched between the plan and the start', () => {
  test('are asked the rule anew: changed, so already, refused or in conflict, and counted so', async () => {
    const orders = [];
    for (let n = 0; n < 4; n += 1) orders.push(await api.order('software'));
    const [noted, raised, lowered, closed] = orders;
    const planned = await bulk.plan({ action, ids: orders });
    expect(planned.plan?.verdicts).toMatchObject({ will_change: 4 });
    const commands = [
      { order: noted, command: { type: 'note-order', text: 'Seen.' } },
      { order: raised, command: { type: 'set-priority', priority: 'high' } },
      { order: lowered, command: { type: 'set-priority', priority: 'low' } },
      { order: closed, command: { type: 'cancel' }, reason: 'gone' },
    ];
    for (const body of commands) expect((await api.call('POST', '/v1/jobs', { body })).statusCode).toBe(202);
    await api.work();
    const done = await bulk.run(planned);
    expect(done.progress).toMatchObject({
      updated: 1,
      no_op: 1,
      refused: 1,
      conflict: 1,
      failed: 0,
      open: 0,
      total: 4,
    });
    const of = new Map((await bulk.result(planned.id)).map((row) => [row[0], row.join()]));
    expect([of.get(raised!), of.get(lowered!), of.get(closed!)]).toEqual([
      expect.stringContaining('nothing_changed'),
      expect.stringContaining('plan_changed'),
      expect.stringContaining('order_closed'),
    ]);
  });
});

describe('more than a thousand orders', () => {
  test('are started by their number, and by nothing else', async () => {
    const accounts = ['acme'];
    await putOrders(api.models, { count: 1_001, agency: 'north', accounts, product: 'backlinks', tier: 'standard' });
    const many = Array.from({ length: 1_001 }, (_, n) => orderId(n));
    const planned = await bulk.plan({ action, ids: many });
    const { hash, confirm } = planned.plan ?? {};
    expect(confirm).toBe(1_001);
    for (const given of [undefined, 1_000]) {
      const refused = (await bulk.turn(planned.id, 'start', { hash, ...(given && { confirm: given }) })).json();
      expect([refused.code, refused.errors[0].pointer]).toEqual(['confirmation_required', '/confirm']);
      expect(await bulk.show(planned.id)).toMatchObject({ status: 'planned', progress: { updated: 0 } });
    }
    expect(await bulk.run(planned)).toMatchObject({ status: 'completed', progress: { updated: 1_001 } });
  });
});

describe('a CSV', () => {
  const query = `?action=${encodeURIComponent(JSON.stringify({ type: 'tag-order', add: ['csv'] }))}&reason=listed`;
  const send = (payload: string | Buffer, address = query, type = 'text/csv') =>
    api.app.inject({
      method: 'POST',
      url: `/v1/bulk-operations${address}`,
      headers: { authorization: `Bearer ${api.keys.order_admin}`, 'content-type': type },
      payload,
    });
  const ruleOf = async (sent: ReturnType<typeof send>) => (await sent).json().errors?.[0]?.rule;

  test('with a column "order" is a plan for those orders, with or without a byte order mark', async () => {
    for (const mark of ['', '\uFEFF']) {
      const answer = await send(`${mark}title,order\r\n"a, b",${ids[0]}\r\nc,${ids[1]}\r\n`);
      expect(answer.statusCode, answer.body).toBe(202);
      await bulk.settle();
      expect((await bulk.show(answer.json().id)).plan).toMatchObject({ total: 2 });
    }
  });

  test('as export-orders and spreadsheets write it is read by the same rules as an import', async () => {
    const written = `id;title;;\r\n${ids[0]};"a; \u{1F600}\nb";;\r\n;;;\r\n${ids[1]};c`;
    for (const begun of ['', 'sep=;\r\n', '\uFEFFsep=;\n']) {
      const answer = await send(begun + written);
      expect(answer.statusCode, answer.body).toBe(202);
      await bulk.settle();
      const { plan } = await bulk.show(answer.json().id);
      expect(plan).toMatchObject({ total: 2 });
      for (const { title } of plan?.samples ?? []) expect(title).toEqual(expect.any(String));
    }
    const { errors } = (await send(`id,title\n${ids[0]},a\n${ids[1]},b,c`)).json();
    expect(errors[0]).toMatchObject({ rule: 'line_3', message: 'Line 3: The header has 2 columns, this line 3.' });
  });

  test('in another encoding, without the column, without lines or with a broken one is refused with the reason', async () => {
    expect(await ruleOf(send(Buffer.from('order\nM\xfcller', 'latin1')))).toBe('not_utf8');
    expect(await ruleOf(send(Buffer.from('order\nx', 'utf16le')))).toBe('missing_column');
    expect(await ruleOf(send(`number,title\n${ids[0]},a`))).toBe('missing_column');
    expect(await ruleOf(send('order\n'))).toBe('empty');
    expect(await ruleOf(send('order\n"never closed'))).toBe('not_csv');
    const wrong = (await send(`order\n${ids[0]}\n=cmd()`)).json();
    expect(wrong.errors[0].message).toBe('Line 3 has no order id.');
    const twice = (await send(`order\n${ids[0]}\n${ids[0]}`)).json();
    expect(twice.errors[0].rule).toBe('twice');
  });

  test('without an action or a reason is refused by their names', async () => {
    expect((await send(`order\n${ids[0]}`, '?reason=x')).json().errors[0].pointer).toBe('/action');
    expect((await send(`order\n${ids[0]}`, '?action=nonsense&reason=x')).json().errors[0].pointer).toBe(
      '/query/action',
    );
  });

  test('that is too large is refused before it is read; elsewhere no CSV is taken', async () => {
    const large = (await send(Buffer.alloc(5 * 1024 * 1024, 'x'))).json();
    const detail = 'The body may have at most 4194304 bytes.';
    expect(large).toMatchObject({ code: 'payload_too_large', detail });
    const elsewhere = await api.call('POST', '/v1/jobs', { headers: { 'content-type': 'text/csv' }, body: 'order' });
    expect(elsewhere.statusCode).toBe(415);
  });
});

describe('the verbs', () => {
  const tagging = (tag: string) => ({ action: { type: 'tag-order', add: [tag] }, ids });
  const codeOf = async (asked: ReturnType<typeof bulk.turn>) => (await asked).json().code;

  test('refuse a second start, a wrong hash and a plan that has expired, and change nothing', async () => {
    const planned = await bulk.plan(tagging('verbs'));
    const { hash } = planned.plan ?? {};
    expect(await codeOf(bulk.turn(planned.id, 'start', { hash: '0'.repeat(64) }))).toBe('plan_changed');
    const late = { ...(await api.models.operations.get(planned.id))?.plan, expiresAt: new Date(0) };
    const { collection } = api.models.operations.model;
    await collection.updateOne({ _id: planned.id as never }, { $set: { 'plan.expiresAt': late.expiresAt } });
    expect(await codeOf(bulk.turn(planned.id, 'start', { hash }))).toBe('plan_expired');
    expect(await bulk.show(planned.id)).toMatchObject({ status: 'expired', progress: { updated: 0 } });

    const second = await bulk.plan(tagging('verbs'));
    await bulk.run(second);
    expect(await codeOf(bulk.turn(second.id, 'start', { hash: second.plan?.hash }))).toBe('operation_started');
  });

  test('refuse a filter that matches others by now', async () => {
    const planned = await bulk.plan({ action: { type: 'tag-order', add: ['moved'] }, filter: { product: 'software' } });
    await api.call('DELETE', `/v1/admin/orders/${ids[1]}?reason=gone`, { headers: { 'if-match': '*' } });
    await bulk.settle();
    expect(await codeOf(bulk.turn(planned.id, 'start', { hash: planned.plan?.hash }))).toBe('plan_changed');
  });

  test('let one operation of an agency run at a time; a start under its key is one start', async () => {
    const [one, other] = [await bulk.plan(tagging('one')), await bulk.plan(tagging('other'))];
    const headers = { 'idempotency-key': 'start-it-once' };
    const starting = () => bulk.turn(one.id, 'start', { hash: one.plan?.hash }, { headers });
    const answers = await Promise.all([starting(), starting()]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(await codeOf(bulk.turn(other.id, 'start', { hash: other.plan?.hash }))).toBe('operation_running');
    expect((await api.models.operations.get(one.id))?.epoch).toBe(1);
    await bulk.settle();
    expect(await bulk.run(other)).toMatchObject({ progress: { open: 0 } });
  });

  test('pause and resume in the middle: nothing is done meanwhile, and all once afterwards', async () => {
    const planned = await bulk.plan(tagging('paused'));
    await bulk.turn(planned.id, 'start', { hash: planned.plan?.hash });
    await bulk.turn(planned.id, 'pause');
    await bulk.settle();
    expect(await bulk.show(planned.id)).toMatchObject({ status: 'paused', progress: { updated: 0, open: 2 } });
    await bulk.turn(planned.id, 'resume');
    await bulk.settle();
    expect(await bulk.show(planned.id)).toMatchObject({ progress: { updated: 2, open: 0 } });
  });

  test('cancel closes what is open; an operation that has ended is cancelled no more', async () => {
    const planned = await bulk.plan(tagging('cancelled'));
    await bulk.turn(planned.id, 'start', { hash: planned.plan?.hash });
    await bulk.turn(planned.id, 'cancel');
    await bulk.settle();
    expect(await bulk.show(planned.id)).toMatchObject({ status: 'cancelled', progress: { cancelled: 2, open: 0 } });
    expect((await api.models.orders.get(ids[0]!))?.state.tags).not.toContain('cancelled');
    expect(await codeOf(bulk.turn(planned.id, 'cancel'))).toBe('operation_ended');
  });

  test('retry what met a conflict, on the orders as they are by then', async () => {
    const planned = await bulk.plan({ action: { type: 'set-due-date', dueOn: '2026-12-24' }, ids: [ids[0], ids[2]] });
    const command = { type: 'set-due-date', dueOn: '2026-11-11' };
    await api.call('POST', '/v1/jobs', { body: { order: ids[0], command } });
    await api.work();
    const done = await bulk.run(planned);
    expect(done).toMatchObject({ status: 'completed_with_failures', progress: { updated: 1, conflict: 1 } });
    await bulk.turn(planned.id, 'retry-failed');
    await bulk.settle();
    expect(await bulk.show(planned.id)).toMatchObject({ status: 'completed', progress: { updated: 2, conflict: 0 } });
    expect((await api.models.orders.get(ids[0]!))?.state.dueOn).toBe('2026-12-24');
  });

  test('carry out effects as a single command does: each cancelled client is mailed once', async () => {
    const order = await api.order('listings');
    const done = await bulk.run(
      await bulk.plan({
        action: { type: 'set-status', status: 'cancelled' },
        ids: [order],
        reason: 'The shop closed.',
      }),
    );
    expect(done.plan?.lasting.join()).toMatch(/emails cannot be recalled/);
    const mails = (await api.models.work.ofOrder(order, 50)).filter(
      ({ payload }) => payload['template'] === 'order-cancelled',
    );
    expect(mails).toHaveLength(1);
    const { outbox, outboxDueAt } = (await api.models.orders.get(order))!;
    expect([outbox, outboxDueAt]).toEqual([[], undefined]);
  });

  test('undo nothing that cannot be undone, and say why', async () => {
    const planned = await bulk.plan({
      action: { type: 'recheck-stage', stage: 'live' },
      ids: [await api.order('software')],
    });
    expect(planned.plan).toMatchObject({ undoable: false });
    expect(await codeOf(bulk.turn(planned.id, 'undo', { reason: 'x' }))).toBe('operation_not_ended');
  });

  test('of an operation that is not there is 404', async () => {
    expect(await codeOf(bulk.turn('blk_none', 'start', { hash: '0'.repeat(64) }))).toBe('operation_not_found');
  });
});

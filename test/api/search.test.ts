import { beforeAll, describe, expect, test } from 'vitest';
import { days, after as later } from '../../kernel/time.ts';
import { openWork } from '../../kernel/work.ts';
import { reference as shortNumber } from '../../mail/letter.ts';
import { from } from '../../queues/from.ts';
import { setup } from '../../queues/setup.ts';
import { anApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let plumbing: string;
let listings: string;
beforeAll(async () => {
  api = await anApi();
  const contact = { name: 'Uğur Yılmaz', email: 'ugur@istanbul.example' };
  await api.models.accounts.put({
    ...{
      _id: 'acc_kebap',
      agency: 'north',
      name: 'İstanbul Kebap',
      timeZone: 'Europe/Istanbul',
      country: 'TR',
      contact,
    },
  });
  const foreign = { agency: 'south', timeZone: 'Europe/Istanbul', country: 'TR', contact };
  await api.models.accounts.put({ ...foreign, _id: 'acc_south', name: 'İstanbul Süd' });
  plumbing = await api.order('seo', {
    ...{ title: 'Harbor Lane Plumbing: SEO', reference: 'INV/2026-0815', source: 'store' },
    client: { name: 'Siobhán O’Brien', email: 'siobhan@harbor-lane.example' },
  });
  listings = await api.order('listings', { title: 'Einträge', account: 'acc_kebap', reference: 'INV/2026-0815' });
  await change(plumbing, { type: 'tag-order', add: ['Größte Kunden'] });
  await change(plumbing, { type: 'set-priority', priority: 'urgent' });
});

async function change(id: string, command: object): Promise<void> {
  const { version = 0 } = (await api.models.orders.get(id)) ?? {};
  const headers = { 'if-match': `"${version}"` };
  const answer = await api.call('PUT', `/v1/admin/orders/${id}/labels`, { body: { command }, headers });
  if (answer.statusCode !== 202) throw new Error(answer.body);
  await api.work();
}

async function found(query: Record<string, string>, as = 'order_admin'): Promise<string[]> {
  const answer = await api.call('GET', `/v1/admin/orders?${new URLSearchParams(query)}`, { as });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json().data.map(({ id }: { id: string }) => id);
}

describe('an order is found by what people hold of it', () => {
  test('the number in every email', async () => {
    expect(await found({ q: shortNumber({ id: plumbing, title: '' }) })).toEqual([plumbing]);
    expect(await found({ q: plumbing })).toEqual([plumbing]);
  });

  test.each([
    'Harbor Lane Plumbing: SEO',
    'harbor plumb',
    'INV/2026-0815 plumbing',
    "o'brien",
    'obrien siobhan',
    'harbor-lane.example',
    'grosste',
  ])('%s', async (q) => {
    expect(await found({ q })).toEqual([plumbing]);
  });

  test.each(['istanbul', 'İSTANBUL kebap', 'ugur@istanbul.example', 'eintrage', 'eintraege'])(
    'its account, its contact or a spelling without accents: %s',
    async (q) => {
      expect(await found({ q })).toEqual([listings]);
    },
  );

  test('a telephone number and a domain among the answers, in any spelling', async () => {
    const { collection } = api.models.orders.model;
    const { key } = (await api.models.orders.get(plumbing))?.state.stages[0] ?? {};
    const data = { phone: '+18085550123', site: { url: 'https://www.harborlane.example/contact' } };
    await collection.updateOne({ _id: plumbing as never, 'state.stages.key': key }, {
      $set: { 'state.stages.$.data': data },
    } as never);
    await change(plumbing, { type: 'set-due-date', dueOn: '2026-12-24' });
    for (const q of ['(808) 555-0123', '+1 808 555 0123', '808 5550123', '0018085550123', 'harborlane.example']) {
      expect([q, await found({ q })]).toEqual([q, [plumbing]]);
    }
  });

  test("a vendor's reference", async () => {
    const dispatch = { agency: 'north', account: 'acme', order: plumbing, vendor: 'v', referenceKey: 'yext-99812' };
    await api.models.dispatches.model.collection.insertOne({ _id: 'dispatch-1', ...dispatch } as never);
    expect(await found({ q: 'YEXT-998' })).toEqual([plumbing]);
  });

  test('but only inside the scope of whoever asks', async () => {
    expect(await found({ q: 'istanbul' }, 'account_manager')).toEqual([]);
    expect(await found({ q: 'süd' })).toEqual([]);
  });
});

describe('the list is filtered', () => {
  test.each([
    [{ tag: 'Größte Kunden' }, () => [plumbing]],
    [{ priority: 'urgent' }, () => [plumbing]],
    [{ priority: 'normal' }, () => [listings]],
    [{ source: 'store' }, () => [plumbing]],
    [{ product: 'seo,listings', sort_by: 'title', order: 'asc' }, () => [listings, plumbing]],
    [{ product: 'site' }, () => []],
    [{ setup_status: 'onboarding,live', product: 'seo' }, () => [plumbing]],
    [{ reference: 'INV/2026-0815', account: 'acc_kebap' }, () => [listings]],
    [{ closed_since: '2020-01-01' }, () => []],
  ])('by %o', async (query, expected) => {
    expect(await found(query as unknown as Record<string, string>)).toEqual(expected());
  });

  test('by when an order is due, which each view shows', async () => {
    const { collection } = api.models.orders.model;
    const due = async (at: Date) =>
      collection.updateOne({ _id: plumbing as never }, { $set: { 'state.slaDueAt': at } } as never);
    const now = api.context.business.now();
    await due(later(now, -days(1)));
    expect(await found({ due: 'late' })).toEqual([plumbing]);
    expect(await found({ due: 'week' })).toEqual([]);
    await due(later(now, 1_000));
    expect(await found({ due: 'late' })).toEqual([]);
    expect(await found({ due: 'week' })).toEqual([plumbing]);
    await due(later(now, days(8)));
    expect(await found({ due: 'week' })).toEqual([]);
    const shown = await api.call('GET', `/v1/admin/orders/${plumbing}`);
    expect(shown.json().slaDueAt).toBe(later(now, days(8)).toISOString());
  });

  test('by whether an alert is open', async () => {
    const alert = { agency: 'north', account: 'acme', order: plumbing, state: 'open', count: 1 };
    await api.models.alerts.model.collection.insertOne({ _id: 'alert-1', ...alert } as never);
    expect(await found({ has_alert: 'true' })).toEqual([plumbing]);
    expect(await found({ has_alert: 'false' })).toEqual([listings]);
    await api.models.alerts.model.collection.deleteOne({ _id: 'alert-1' as never });
  });

  test('by whether an alert is open, however many others have one', async () => {
    const { collection } = api.models.alerts.model;
    const alert = { agency: 'north', account: 'acme', state: 'open', count: 1 };
    const others = Array.from({ length: 1_200 }, (_, n) => ({ _id: `a-${n}`, ...alert, order: `other-${n}` }));
    await collection.insertMany([...others, { _id: 'z-last', ...alert, order: plumbing }] as never[]);
    expect(await found({ has_alert: 'true' })).toEqual([plumbing]);
    expect(await found({ has_alert: 'false' })).toEqual([listings]);
    await collection.deleteMany({ _id: { $in: [...others.map(({ _id }) => _id), 'z-last'] } as never });
  });

  test('by inactivity, which a live order does not have', async () => {
    const { collection } = api.models.orders.model;
    const long = later(api.context.business.now(), -days(30));
    await collection.updateMany({}, { $set: { 'state.lastActivityAt': long } } as never);
    await collection.updateOne({ _id: listings as never }, { $set: { 'state.status': 'live' } } as never);
    expect(await found({ order_inactivity: '14' })).toEqual([plumbing]);
  });
});

describe('a reference', () => {
  test('belongs to one order of an account, whoever asks first', async () => {
    const body = { account: 'acme', product: 'listings', tier: 'basic', title: 'Twice', reference: 'INV/2026-0815' };
    const client = { name: 'Ann', email: 'ann@example.com' };
    const answer = await api.call('POST', '/v1/admin/orders', { body: { ...body, client } });
    expect(answer.statusCode).toBe(409);
    const detail = expect.stringContaining(plumbing);
    expect(answer.json()).toMatchObject({ code: 'reference_taken', detail, errors: [{ pointer: '/reference' }] });
    const own = { body: { reference: body.reference }, headers: { 'if-match': '*' } };
    expect((await api.call('PUT', `/v1/admin/orders/${plumbing}`, own)).json().code).not.toBe('reference_taken');
    await api.work();
    expect(await found({ q: 'twice' })).toEqual([]);
  });

  test('that two ask for at once is refused to the second by its job, with the name of the first', async () => {
    const body = { account: 'acme', product: 'listings', tier: 'basic', title: 'Racing', reference: 'PO-race' };
    const client = { name: 'Ann', email: 'ann@example.com' };
    const ask = () => api.call('POST', '/v1/admin/orders', { body: { ...body, client } });
    const [one, other] = [await ask(), await ask()];
    expect([one.statusCode, other.statusCode]).toEqual([202, 202]);
    await api.work();
    const jobs = await Promise.all([one, other].map((each) => api.call('GET', `/v1/jobs/${each.json().job.id}`)));
    const codes = jobs.map((job) => job.json().outcome?.code ?? job.json().state);
    expect(codes.sort()).toEqual(['done', 'reference_taken']);
  });

  test('is left to others by a creation that is refused', async () => {
    const client = { name: 'Ann', email: 'ann@example.com' };
    const refused = { type: 'create-order', product: 'seo', tier: 'gold', source: 'manual', title: 'No', client };
    const draft = setup.draft(
      'command',
      { order: 'ord_refused', command: { ...refused, options: {}, reference: 'PO-9' } as never },
      { ...from({ agency: 'north', account: 'acme' }), _id: 'refused', order: 'ord_refused' },
    );
    await api.models.work.insert(openWork({ ...draft, _id: 'refused' }, 'nudged', api.context.clock.now()));
    await api.work();
    expect((await api.models.work.get('refused'))?.outcome?.code).toBe('unknown_tier');
    const made = await api.order('seo', { title: 'Second', reference: 'PO-9' });
    expect(await found({ reference: 'PO-9' })).toEqual([made]);
  });

  test('can be given later, and is found then', async () => {
    const { version = 0 } = (await api.models.orders.get(listings)) ?? {};
    const answer = await api.call('PUT', `/v1/admin/orders/${listings}`, {
      body: { reference: 'PO-77' },
      headers: { 'if-match': `"${version}"` },
    });
    expect(answer.statusCode).toBe(202);
    await api.work();
    expect(await found({ reference: 'PO-77' })).toEqual([listings]);
  });
});

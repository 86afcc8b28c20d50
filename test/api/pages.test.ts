import { beforeAll, describe, expect, test } from 'vitest';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { everything } from '../support/state-of-everything.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
});

const page = { as: 'nobody', headers: { accept: 'text/html,application/xhtml+xml' } } as const;

async function theForm(product: string): Promise<{ id: string; url: string }> {
  const id = await api.order(product);
  const order = await api.models.orders.get(id);
  const link = order?.state.stages.find(({ key }) => key === 'intake')?.link ?? '';
  return { id, url: `/onboarding/${api.token('link', link)}` };
}

async function theApproval(): Promise<{ id: string; url: string }> {
  const id = await api.order('google_ads');
  await api.walk(id, 'client_approval');
  const order = await api.models.orders.get(id);
  const approval = order?.state.stages.find(({ key }) => key === 'client_approval')?.approval ?? '';
  return { id, url: `/approve/${api.token('approval', approval)}` };
}

const intake = (product: string) => exampleOf(workflowFor(product).stages[0]!);

const posted = {
  google_ads_customer_id: '123-456-7890',
  'monthly_budget.amount': '3,040.00',
  'monthly_budget.currency': 'usd',
  'locations.include.0.kind': 'city',
  'locations.include.0.country': 'us',
  'locations.include.0.name': 'Austin',
  'locations.include.1.kind': '',
  goal: 'calls',
  landing_urls: 'https://example.com/offer\r\nhttps://example.com/second\r\n',
  offers: '',
  schedule: '',
  languages: 'en',
  excluded_terms: '',
  phone: '+1 512 555 0132',
  'approver.name': 'Ann <script>alert(1)</script>',
  'approver.email': 'ann@example.com',
};

describe('the onboarding page', () => {
  test('is in the agency’s name, without a script, and kept by no cache', async () => {
    const { url } = await theForm('google_ads');
    const answer = await api.call('GET', url, page);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('Agency north');
    expect(answer.body).toContain('--brand:#7a1fa2');
    expect(answer.body).not.toContain('<script');
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(answer.headers['content-security-policy']).toMatch(/default-src 'none'.*form-action 'self'/);
    for (const name of [
      'google_ads_customer_id',
      'monthly_budget.amount',
      'locations.include.0.kind',
      'approver.email',
    ]) {
      expect(answer.body).toContain(`name="${name}"`);
    }
  });

  test('takes the answers of whoever was sent to a stage that has another name by now', async () => {
    const { id, url } = await theForm('google_ads');
    const old = 'asked_in_spring';
    await api.models.links.model.collection.updateOne({ order: id }, { $set: { stage: old } });
    expect((await api.call('GET', url, page)).statusCode).toBe(404);
    const renamed = { $set: { 'state.stages.$.formerly': [old] } };
    await api.models.orders.model.collection.updateOne({ _id: id as never, 'state.stages.key': 'intake' }, renamed);
    expect((await api.call('GET', url, page)).statusCode).toBe(200);
    expect((await api.call('POST', url, { ...page, form: posted })).statusCode).toBeLessThan(400);
    await api.work();
    const { state } = (await api.models.orders.get(id)) ?? {};
    expect(state?.stages[0]).toMatchObject({ key: 'intake', status: 'in_review' });
  });

  test('changes nothing however often it is opened', async () => {
    const { url } = await theForm('seo');
    const before = await everything(api.models, api.redis);
    await api.call('GET', url, page);
    await api.call('GET', url, { as: 'nobody' });
    expect(await everything(api.models, api.redis)).toEqual(before);
  });

  test('takes the answers once; the same again is thanked for and changes nothing, others are like a link that never was', async () => {
    const { id, url } = await theForm('google_ads');
    const first = await api.call('POST', url, { as: 'nobody', form: posted });
    expect(first.statusCode).toBe(200);
    expect(first.body).toContain('Thank you');
    const accepted = await everything(api.models, api.redis);

    const again = await api.call('POST', url, { as: 'nobody', form: posted });
    expect([again.statusCode, withoutNonce(again.body)]).toEqual([200, withoutNonce(first.body)]);
    const second = await api.call('POST', url, { as: 'nobody', form: { ...posted, goal: 'leads' } });
    expect(second.statusCode).toBe(404);
    expect(second.body).toContain('This is already done');
    expect(await everything(api.models, api.redis)).toEqual(accepted);

    await api.work();
    const order = await api.models.orders.get(id);
    expect(order?.state.stages[0]).toMatchObject({ status: 'in_review' });
    expect(order?.state.stages[0]?.data).toMatchObject({
      monthly_budget: { amount: 304_000, currency: 'USD' },
      landing_urls: ['https://example.com/offer', 'https://example.com/second'],
      locations: { include: [{ kind: 'city', country: 'US', name: 'Austin' }] },
      phone: '+15125550132',
    });
  });

  test('of many equal posts at once takes one, and thanks for each', async () => {
    const { id, url } = await theForm('google_ads');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.call('POST', url, { as: 'nobody', form: posted })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual(Array(10).fill(200));
    await api.work();
    expect(await api.models.responses.ofOrder(id)).toHaveLength(1);
  });

  test('shows what is wrong beside its field, keeps what was typed, and queues nothing', async () => {
    const { url } = await theForm('google_ads');
    const before = await everything(api.models, api.redis);
    const wrong = { ...posted, google_ads_customer_id: '12', landing_urls: 'https://example.com\nnot an address' };
    const answer = await api.call('POST', url, { as: 'nobody', form: wrong });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toMatch(/<input [^>]*name="google_ads_customer_id"[^>]*aria-invalid="true"[^>]*value="12"/);
    expect(answer.body).toContain('Line 2: ');
    expect(answer.body).toContain('value="Ann &lt;script&gt;alert(1)&lt;/script&gt;"');
    expect(answer.body).toContain('value="3,040.00"');
    expect(await everything(api.models, api.redis)).toEqual(before);
  });

  test('refuses a field that the form does not have', async () => {
    const { url } = await theForm('google_ads');
    const asked = { as: 'nobody', form: { ...posted, version: '3' }, headers: { accept: 'application/json' } };
    const answer = await api.call('POST', url, asked);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toEqual([expect.objectContaining({ pointer: '/version', rule: 'unknown_field' })]);
  });

  test('takes JSON too, and names what is wrong in it', async () => {
    const { url } = await theForm('seo');
    const wrong = await api.call('POST', url, {
      as: 'nobody',
      body: { ...intake('seo'), domain: '127.0.0.1', $set: 1 },
    });
    expect(wrong.statusCode).toBe(422);
    expect(
      wrong
        .json()
        .errors.map(({ pointer }: { pointer: string }) => pointer)
        .sort(),
    ).toEqual(['/$set', '/domain']);
    const right = await api.call('POST', url, { as: 'nobody', body: intake('seo') });
    expect([right.statusCode, right.json()]).toEqual([202, { received: true }]);
  });

  test('asks again for the answers that were flagged, with the reason and the old answers', async () => {
    const { id, url } = await theForm('google_ads');
    await api.call('POST', url, { as: 'nobody', form: posted });
    await api.work();
    const fields = [{ field: 'goal', reason: 'We cannot measure calls yet.' }];
    const body = { action: 'review', stage: 'intake', decision: 'revise', fields };
    await api.call('PUT', `/v1/admin/orders/${id}/stage`, { body, headers: { 'if-match': '*' } });
    await api.work();
    const link = (await api.models.orders.get(id))?.state.stages[0]?.link ?? '';
    const again = await api.call('GET', `/onboarding/${api.token('link', link)}`, page);
    expect(again.statusCode).toBe(200);
    expect(again.body).toContain('We cannot measure calls yet.');
    expect(again.body).toContain('value="3040.00"');
    expect((await api.call('GET', url, page)).statusCode).toBe(404);
  });
});

describe('the approval page', () => {
  test('shows what is approved, and the decision once there is one', async () => {
    const { id, url } = await theApproval();
    const shown = await api.call('GET', url, page);
    expect(shown.body).toContain('Search, Austin');
    expect(shown.body).toContain('$3,040.00');
    expect(shown.body).toContain('$100.00');
    expect(shown.body).toContain('Do you approve this?');

    const decided = await api.call('POST', url, { as: 'nobody', form: { decision: 'approve' } });
    expect(decided.statusCode).toBe(200);
    expect(decided.body).toContain('You have approved this.');
    const reopened = await api.call('GET', url, page);
    expect(reopened.body).toContain('You have approved this.');
    expect(reopened.body).not.toContain('<form');
    await api.work();
    expect((await api.models.orders.get(id))?.state.stage).toBe('build');
    expect((await api.call('GET', url, page)).body).toContain('You have approved this.');
  });

  test('lets the first decision stand', async () => {
    const { url } = await theApproval();
    await api.call('POST', url, { as: 'nobody', body: { decision: 'changes', comment: 'Less spend.' } });
    const before = await everything(api.models, api.redis);
    const late = await api.call('POST', url, { as: 'nobody', form: { decision: 'approve' } });
    expect(late.statusCode).toBe(409);
    expect(late.body).toContain('You asked for changes.');
    const program = await api.call('POST', url, { as: 'nobody', body: { decision: 'approve' } });
    expect(program.json().code).toBe('already_decided');
    expect(await everything(api.models, api.redis)).toEqual(before);
  });

  test.each([
    ['refused', 'approval_void', 'changed before your answer arrived'],
    ['refused', 'order_closed', 'could not use your answer'],
    ['superseded', 'superseded', 'changed before your answer arrived'],
    ['dead', '', 'could not process it yet'],
  ] as const)(
    'says what became of a decision that ended as %s (%s), and takes no other',
    async (state, code, words) => {
      const { id, url } = await theApproval();
      await api.call('POST', url, { as: 'nobody', form: { decision: 'approve' } });
      const item = (await api.models.work.ofOrder(id, 1))[0]!;
      const now = new Date();
      if (state === 'dead') await api.models.work.bury(item, { fingerprint: 'f', message: 'm', at: now });
      else await api.models.work.settle(item._id, { status: state, code }, now);

      const reopened = await api.call('GET', url, page);
      expect(reopened.statusCode).toBe(200);
      expect(reopened.body).toContain(words);
      expect(reopened.body).not.toContain('You have approved this.');
      expect(reopened.body).not.toContain('<form');
      const again = await api.call('POST', url, { as: 'nobody', form: { decision: 'approve' } });
      expect([again.statusCode, again.body.includes(words)]).toEqual([409, true]);
      const program = await api.call('POST', url, { as: 'nobody', body: { decision: 'approve' } });
      expect([program.statusCode, program.json().code]).toEqual([409, 'approval_void']);
    },
  );

  test('of concurrent decisions takes one, and tells it to all', async () => {
    const { url } = await theApproval();
    const decisions = Array.from({ length: 10 }, (_, n) =>
      n % 2 ? { decision: 'approve' } : { decision: 'changes', comment: 'x' },
    );
    const answers = await Promise.all(decisions.map((body) => api.call('POST', url, { as: 'nobody', body })));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([202, 409]));
    const taken = answers.filter(({ statusCode }) => statusCode === 202).map((answer) => answer.json().decision);
    expect(new Set(taken).size).toBe(1);
  });

  test('asks what should change, and for a decision', async () => {
    const { url } = await theApproval();
    const nothing = await api.call('POST', url, { as: 'nobody', form: {} });
    expect(nothing.body).toContain('Please choose whether you approve this.');
    const silent = await api.call('POST', url, { as: 'nobody', form: { decision: 'changes', comment: ' ' } });
    expect([silent.statusCode, silent.body.includes('Please tell us what should be changed.')]).toEqual([422, true]);
  });
});

describe('a link that cannot be used', () => {
  test('is answered alike whether it was made up or is the other kind, and to programs also when its order has ended', async () => {
    const { id, url } = await theForm('seo');
    const cancel = { status: 'cancelled', reason: 'Gone.' };
    await api.call('PUT', `/v1/admin/orders/${id}/status`, { body: cancel, headers: { 'if-match': '*' } });
    await api.work();
    const addresses = ['/onboarding/made-up', url.replace('/onboarding/', '/approve/'), `/approve/${'x'.repeat(43)}`];
    const pages = await Promise.all(addresses.map((address) => api.call('GET', address, page)));
    expect(new Set(pages.map(({ statusCode }) => statusCode))).toEqual(new Set([404]));
    expect(new Set(pages.map(({ body }) => withoutNonce(body))).size).toBe(1);
    const problems = await Promise.all(
      [url, ...addresses].map((address) => api.call('GET', address, { as: 'nobody' })),
    );
    expect(new Set(problems.map((answer) => answer.json().detail)).size).toBe(1);
  });

  test('leaves its token neither in the database nor in the queue', async () => {
    const { url } = await theForm('google_ads');
    await api.call('POST', url, { as: 'nobody', form: posted });
    await api.work();
    const token = url.split('/').at(-1) ?? '';
    expect(JSON.stringify(await everything(api.models, api.redis))).not.toContain(token);
  });
});

const withoutNonce = (body: string): string => body.replace(/nonce="[^"]+"/g, '');

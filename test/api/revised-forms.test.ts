/** A form that came back, on its page: what nobody flagged is read and not changed, until a button opens it. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { fillIn, formIn } from '../../scripts/trial/forms.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { aPage, hasChromium } from '../support/chromium.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
});

const accept = 'text/html,application/xhtml+xml';
const urlencoded = 'application/x-www-form-urlencoded';
const first = (product: string) => exampleOf(workflowFor(product).stages[0]!);
const kept = (product: string) => workflowFor(product).stages[0]!.exit!.parse(first(product));
const intakeOf = async (id: string) => (await api.models.orders.get(id))!.state.stages[0]!;
const urlOf = async (id: string) => `/onboarding/${api.token('link', (await intakeOf(id)).link ?? '')}`;
const any = { 'if-match': '*' };

/** The form, sent in once and returned for these answers. */
async function returned(
  product: string,
  flagged: string[],
  answers = first(product),
): Promise<{ id: string; url: string }> {
  const id = await api.order(product);
  const sent = await api.call('POST', await urlOf(id), { as: 'nobody', body: answers });
  expect(sent.statusCode, sent.body).toBe(202);
  await api.work();
  const fields = flagged.map((field) => ({ field, reason: 'Please look again.' }));
  const body = {
    action: 'review',
    stage: 'intake',
    decision: 'revise',
    reason: 'Not yet.',
    ...(fields.length > 0 && { fields }),
  };
  await api.call('PUT', `/v1/admin/orders/${id}/stage`, { body, headers: any });
  await api.work();
  return { id, url: await urlOf(id) };
}

const open = async (url: string) => (await api.app.inject({ method: 'GET', url, headers: { accept } })).body;

/** Everything that the page has, with some of it said otherwise or added, as a browser or somebody who forges it sends it. */
function post(url: string, page: string, also: [string, string][]) {
  const pairs = fillIn(formIn(page)!, {}).filter(
    ([name]) => !also.some(([other]) => other === name && !name.startsWith('_')),
  );
  const payload = new URLSearchParams([...pairs, ...also]).toString();
  return api.app.inject({ method: 'POST', url, payload, headers: { accept, 'content-type': urlencoded } });
}

const isReadOnly = (page: string, name: string) =>
  new RegExp(`name="${name.replaceAll('.', '\\.')}"[^>]* (?:readonly|disabled)`).test(page);

describe('the page of a form that came back', () => {
  test('lets what was flagged be changed, and nothing else', async () => {
    const { url } = await returned('google_ads', ['goal']);
    const page = await open(url);
    expect(isReadOnly(page, 'goal')).toBe(false);
    for (const name of [
      'google_ads_customer_id',
      'monthly_budget.amount',
      'landing_urls',
      'approver.email',
      'locations.include.0.kind',
    ]) {
      expect(isReadOnly(page, name), name).toBe(true);
    }
    expect(page).toContain('Change “Landing web addresses” as well');
    expect(page).not.toContain('name="locations.include.1');
  });

  test('lets everything be changed where nothing was flagged, and has no button for it', async () => {
    const { url } = await returned('google_ads', []);
    const page = await open(url);
    expect(page.slice(page.indexOf('<form'))).not.toMatch(/readonly|disabled|_open/);
  });

  test('keeps what was accepted, whatever is posted for it', async () => {
    const { id, url } = await returned('google_ads', ['goal']);
    const before = (await intakeOf(id)).data;
    const forged: [string, string][] = [
      ['goal', 'sales'],
      ['monthly_budget.amount', '9.99'],
      ['landing_urls', 'https://evil.example/'],
      ['approver.email', 'mallory@evil.example'],
      ['schedule', 'Nights'],
    ];
    const answer = await post(url, await open(url), forged);
    expect([answer.statusCode, answer.body.includes('Thank you')]).toEqual([200, true]);
    await api.work();
    expect((await intakeOf(id)).data).toEqual({ ...before, goal: 'sales' });
    expect((await intakeOf(id)).revision?.changes.map(({ field }) => field)).toEqual(['goal']);
  });

  test('opens an answer by its button, keeps what was typed, and stores nothing by that', async () => {
    const { id, url } = await returned('google_ads', ['goal']);
    const opened = await post(url, await open(url), [
      ['goal', 'sales'],
      ['_open', 'languages'],
    ]);
    expect(opened.statusCode).toBe(200);
    expect(isReadOnly(opened.body, 'languages')).toBe(false);
    expect(isReadOnly(opened.body, 'landing_urls')).toBe(true);
    expect(opened.body).toMatch(/<option value="sales" selected/);
    expect((await intakeOf(id)).status).toBe('waiting');

    const further = await post(url, opened.body, [
      ['goal', 'sales'],
      ['languages', 'de\r\nfr'],
      ['_open', 'locations'],
    ]);
    expect(isReadOnly(further.body, 'locations.include.0.kind')).toBe(false);
    expect(further.body).toMatch(/<option value="city" selected/);
    expect(further.body).toContain('>\nde\nfr</textarea>');

    const sent = await post(url, further.body, [
      ['goal', 'sales'],
      ['languages', 'de\r\nfr'],
    ]);
    expect(sent.body).toContain('Thank you');
    await api.work();
    const is = await intakeOf(id);
    expect(is.data).toMatchObject({ ...kept('google_ads'), goal: 'sales', languages: ['de', 'fr'] });
    expect(is.revision).toMatchObject({ asked: ['goal'], opened: ['languages', 'locations'] });
  });

  test('is taken twice alike by a double click', async () => {
    const { url } = await returned('google_ads', ['goal']);
    const page = await open(url);
    const twice = [await post(url, page, [['goal', 'sales']]), await post(url, page, [['goal', 'sales']])];
    expect(twice.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    await api.work();
    expect((await post(url, page, [['goal', 'sales']])).body).toContain('Thank you');
  });

  test('opens by itself what is wrong, with the answer as it was', async () => {
    const young = { ...first('tiktok_ads'), age_from: 16 };
    const { url } = await returned('tiktok_ads', ['industry'], young);
    const page = await open(url);
    expect(isReadOnly(page, 'age_from')).toBe(true);
    const wrong = await post(url, page, [['industry', 'gambling']]);
    expect([wrong.statusCode, isReadOnly(wrong.body, 'age_from')]).toEqual([422, false]);
    expect(wrong.body).toMatch(/name="age_from"[^>]* value="16"/);
    const right = await post(url, wrong.body, [
      ['industry', 'gambling'],
      ['age_from', '18'],
    ]);
    expect(right.body).toContain('Thank you');
  });

  test('tells a program what it may not change, field by field, and takes what it leaves out as it was', async () => {
    const { id, url } = await returned('google_ads', ['goal']);
    const before = await intakeOf(id);
    const refused = await api.call('POST', url, { as: 'nobody', body: { goal: 'sales', languages: ['de'] } });
    expect(refused.json()).toMatchObject({
      status: 422,
      errors: [{ pointer: '/languages', rule: 'read_only', message: expect.stringContaining('ask to change it') }],
    });
    expect((await intakeOf(id)).data).toEqual(before.data);
    const opened = { goal: 'sales', languages: ['de'], _opened: ['languages'] };
    expect((await api.call('POST', url, { as: 'nobody', body: opened })).statusCode).toBe(202);
    await api.work();
    expect((await intakeOf(id)).data).toEqual({ ...before.data, goal: 'sales', languages: ['de'] });
  });
});

describe('whoever reviews a form that came back', () => {
  test('is shown each change against the version before, in the order, the list of forms and the explanation', async () => {
    const { id, url } = await returned('google_ads', ['goal']);
    const page = await post(url, await open(url), [['_open', 'languages']]);
    await post(url, page.body, [
      ['goal', 'forms'],
      ['languages', 'de'],
    ]);
    await api.work();
    const get = async (path: string) => (await api.call('GET', path)).json();
    const [form] = (await get(`/v1/admin/onboardings?orders=${id}&answers=true`)).data;
    expect(form.revision).toEqual({
      ...{ asked: ['goal'], opened: ['languages'], changed: ['goal', 'languages'] },
      changes: [
        { at: '/goal', field: 'goal', before: 'calls', after: 'forms' },
        { at: '/languages', field: 'languages', before: ['en'], after: ['de'] },
      ],
    });
    const [bare] = (await get(`/v1/admin/onboardings?orders=${id}`)).data;
    expect(bare.revision).toEqual({ asked: ['goal'], opened: ['languages'], changed: ['goal', 'languages'] });
    const order = await get(`/v1/admin/orders/${id}`);
    expect(order.stages[0].revision.changed).toEqual(['goal', 'languages']);
    expect(order.why.blocker).toContain('Changed: Goal. Changed without being asked: Languages.');
  });
});

describe.skipIf(!hasChromium)('in a real browser', () => {
  const value = (page: Page, name: string) => page.inputValue(`[name="${name}"]`);

  test('an answer is read, opened and changed without a script; Enter sends the form', {
    timeout: 120_000,
  }, async () => {
    const { id, url } = await returned('google_ads', ['offers']);
    const origin = await api.app.listen({ host: '127.0.0.1', port: 0 });
    const page = await aPage();
    await page.goto(origin + url);
    expect(await page.isEditable('[name=google_ads_customer_id]')).toBe(false);
    expect(await page.isEditable('[name=goal]')).toBe(false);
    await page.fill('[name=offers]', 'A free check-up');
    await page.click('button:has-text("Change “Goal” as well")');
    expect(await page.isEditable('[name=goal]')).toBe(true);
    expect([await value(page, 'offers'), await value(page, 'goal')]).toEqual(['A free check-up', 'calls']);
    await page.selectOption('[name=goal]', 'sales');
    await page.focus('[name=google_ads_customer_id]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:text-is("Thank you")');
    await api.work();
    const is = await intakeOf(id);
    expect(is.data).toMatchObject({ ...kept('google_ads'), offers: ['A free check-up'], goal: 'sales' });
    expect(is.revision?.changes.map(({ field }) => field)).toEqual(['goal', 'offers']);
  });
});

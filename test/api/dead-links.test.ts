/** Links that cannot be answered any more: whoever holds one reads why, and gets another where it has only expired. */
import { beforeAll, describe, expect, test } from 'vitest';
import { days } from '../../kernel/time.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { stateOf } from '../../workflows/words/state.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { shiftedClock } from '../support/workshop.ts';

const clock = shiftedClock();
let api: TestApi;
beforeAll(async () => {
  api = await anApi({ business: clock });
});

const page = { as: 'nobody', headers: { accept: 'text/html,application/xhtml+xml' } } as const;
const open = (url: string) => api.call('GET', url, page);

async function theForm(): Promise<{ id: string; url: string; link: string }> {
  const id = await api.order('seo');
  const link = stateOf((await api.models.orders.get(id))!.state, 'intake').link ?? '';
  return { id, link, url: `/onboarding/${api.token('link', link)}` };
}

async function theApproval(): Promise<{ id: string; url: string; approval: string }> {
  const id = await api.order('google_ads');
  await api.walk(id, 'client_approval');
  const approval = stateOf((await api.models.orders.get(id))!.state, 'client_approval').approval ?? '';
  return { id, approval, url: `/approve/${api.token('approval', approval)}` };
}

/** Everything that rings until the stage has stopped waiting. */
async function expire(): Promise<void> {
  clock.pass(days(40));
  await api.work();
}
const answers = () => exampleOf(workflowFor('seo').stages[0]!);

describe('a dead page says, in the agency’s looks,', () => {
  test('that the form was answered, before and after the answer is carried out', async () => {
    const { url } = await theForm();
    await api.call('POST', url, { as: 'nobody', body: answers() });
    expect((await open(url)).body).toContain('This is already done');
    await api.work();
    const { body } = await open(url);
    expect(body).toContain('This is already done');
    expect(body).toContain('Agency north');
    expect(body).toContain('--brand:#7a1fa2');
    expect(body).not.toContain('Send me a new link');
  });

  test('that it has changed, and that a new email follows', async () => {
    const { id, url } = await theForm();
    await api.call('POST', url, { as: 'nobody', body: answers() });
    await api.work();
    const revise = { action: 'review', stage: 'intake', decision: 'revise', reason: 'Not yet.' };
    await api.call('PUT', `/v1/admin/orders/${id}/stage`, { body: revise, headers: { 'if-match': '*' } });
    await api.work();
    expect((await open(url)).body).toMatch(/This has changed[\s\S]*A new email follows/);
  });

  test('that an approval is asked for anew', async () => {
    const { id, url } = await theApproval();
    const again = { action: 'request-approval', stage: 'client_approval' };
    await api.call('PUT', `/v1/admin/orders/${id}/stage`, { body: again, headers: { 'if-match': '*' } });
    await api.work();
    expect((await open(url)).body).toContain('This has changed');
  });

  test('that its order has ended', async () => {
    const { id, url } = await theForm();
    const cancel = { status: 'cancelled', reason: 'Gone.' };
    await api.call('PUT', `/v1/admin/orders/${id}/status`, { body: cancel, headers: { 'if-match': '*' } });
    await api.work();
    const { state } = (await api.models.orders.get(id))!;
    expect([state.status, (await open(url)).body.includes('This order has ended')]).toEqual(['cancelled', true]);
  });

  test('nothing to whoever made its address up', async () => {
    const { body, statusCode } = await open('/onboarding/made-up');
    expect([statusCode, body.includes('This link cannot be used'), body.includes('Agency')]).toEqual([
      404,
      true,
      false,
    ]);
  });
});

describe('a page that has expired', () => {
  test('is one of an approval that its stage has stopped waiting for, with an alert and the next step', async () => {
    const { id, url } = await theApproval();
    expect((await open(url)).body).toContain('Please decide by ');
    await expire();
    const { waitingFor, holder } = stateOf((await api.models.orders.get(id))!.state, 'client_approval');
    expect([waitingFor, holder]).toEqual(['approval-expired', 'agency']);
    expect((await open(url)).body).toContain('Send me a new link');
    await api.keepWatch();
    const alerts = await api.models.alerts.list({}, { order: id, kind: 'approval-expired' }, { skip: 0, limit: 9 });
    expect(alerts).toMatchObject([{ state: 'open', stage: 'client_approval' }]);
    const { why } = (await api.call('GET', `/v1/admin/orders/${id}`)).json();
    expect(why.unblock).toBe('Talk to the client and request the approval again.');
  });

  test('is never one of a form: its link lives while the stage waits', async () => {
    const { url } = await theForm();
    await expire();
    const { statusCode, body } = await open(url);
    expect([statusCode, body.includes('<form')]).toEqual([200, true]);
  });

  test('changes nothing when it is opened, and gives one new link however often it is asked for', async () => {
    const { id, url, approval } = await theApproval();
    await expire();
    const opened = await open(url);
    expect(opened.body).toContain(`action="${url}/renew"`);
    const before = (await api.models.orders.get(id))!.version;
    const clicks = await Promise.all([1, 2, 3].map(() => api.call('POST', `${url}/renew`, page)));
    for (const { body, statusCode } of clicks) {
      expect([statusCode, body.includes('A new link is on its way')]).toEqual([202, true]);
    }
    expect((await open(url)).body).toContain('A new link is on its way');
    expect((await api.models.orders.get(id))!.version).toBe(before);
    await api.work();
    const { round, approval: next } = stateOf((await api.models.orders.get(id))!.state, 'client_approval');
    expect(round).toBe(2);
    expect(await api.models.approvals.ofOrder(id)).toHaveLength(2);
    const [was, is] = await Promise.all([approval, next!].map((one) => api.models.approvals.get(one)));
    expect(is!.recipient).toEqual(was!.recipient);
    expect((await open(url)).body).toContain('This has changed');
  });

  test('is not given again while it can be answered, once it was, or to a made-up token', async () => {
    const { url } = await theApproval();
    const form = await theForm();
    for (const path of [url, '/approve/made-up', form.url, form.url.replace('/onboarding/', '/approve/')]) {
      expect((await api.call('POST', `${path}/renew`, page)).statusCode).toBe(404);
    }
  });

  test('takes few askings a minute from one address', async () => {
    const { url } = await theApproval();
    const from = { ...page, headers: { ...page.headers, 'x-forwarded-for': '192.0.2.77' } };
    const codes = [];
    for (let n = 0; n < 15; n += 1) codes.push((await api.call('POST', `${url}/renew`, from)).statusCode);
    expect(codes.at(-1)).toBe(429);
  });
});

/** Links that cannot be answered any more: whoever holds one reads why, and gets another where it has only expired. */
import { beforeAll, describe, expect, test } from 'vitest';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { stateOf } from '../../workflows/words/state.ts';
import { anApi, type TestApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
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

const past = { $set: { expiresAt: new Date(0) } };
const expireLink = (link: string) => api.models.links.model.collection.updateOne({ _id: link as never }, past);
const expireApproval = (id: string) => api.models.approvals.model.collection.updateOne({ _id: id as never }, past);
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
  test('changes nothing when it is opened, and gives one new link however often it is asked for', async () => {
    const { id, url, link } = await theForm();
    await expireLink(link);
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
    const renewed = await api.models.links.get(link);
    expect(renewed).toMatchObject({ generation: 2 });
    expect(renewed!.expiresAt > new Date()).toBe(true);
    const mails = (await api.models.work.ofOrder(id, 100)).filter(({ kind }) => kind === 'notify');
    expect(mails).toHaveLength(2);
  });

  test('of an approval is asked for under a new round, of the same person', async () => {
    const { id, url, approval } = await theApproval();
    await expireApproval(approval);
    expect((await open(url)).body).toContain('Send me a new link');
    expect((await api.call('POST', `${url}/renew`, page)).statusCode).toBe(202);
    await api.work();
    const { round, approval: next } = stateOf((await api.models.orders.get(id))!.state, 'client_approval');
    expect(round).toBe(2);
    const [was, is] = await Promise.all([approval, next!].map((one) => api.models.approvals.get(one)));
    expect(is!.recipient).toEqual(was!.recipient);
    expect((await open(url)).body).toContain('This has changed');
  });

  test('is not given again while it can be answered, once it was, or to a made-up token', async () => {
    const { url } = await theForm();
    for (const path of [url, '/onboarding/made-up', url.replace('/onboarding/', '/approve/')]) {
      expect((await api.call('POST', `${path}/renew`, page)).statusCode).toBe(404);
    }
  });

  test('takes few askings a minute from one address', async () => {
    const { url } = await theForm();
    const from = { ...page, headers: { ...page.headers, 'x-forwarded-for': '192.0.2.77' } };
    const codes = [];
    for (let n = 0; n < 15; n += 1) codes.push((await api.call('POST', `${url}/renew`, from)).statusCode);
    expect(codes.at(-1)).toBe(429);
  });
});

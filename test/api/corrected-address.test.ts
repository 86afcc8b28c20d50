/** What staff and clients see when an address is corrected, another approver is named, or a pause outlives a link. */
import { beforeAll, describe, expect, test } from 'vitest';
import { days } from '../../kernel/time.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { stateOf } from '../../workflows/words/state.ts';
import { anApi, client, type TestApi } from '../support/api.ts';
import { shiftedClock } from '../support/workshop.ts';

const clock = shiftedClock();
let api: TestApi;
beforeAll(async () => {
  api = await anApi({ business: clock });
});

const page = { as: 'nobody', headers: { accept: 'text/html' } } as const;
const open = (url: string) => api.call('GET', url, page);
const right = { name: client.name, email: 'cleo@example.org' };
const dee = { name: 'Dee Decider', email: 'dee@example.com' };
const key = 'client_approval';

const put = async (url: string, body: unknown, as = 'order_admin') => {
  const answer = await api.call('PUT', url, { as, body, headers: { 'if-match': '*' } });
  await api.work();
  return answer;
};
const correct = (id: string) => put(`/v1/admin/orders/${id}`, { client: right, reason: 'It bounced.' });
const act = (id: string, body: Record<string, unknown>) => put(`/v1/admin/orders/${id}/stage`, body);
const status = (id: string, to: string) => put(`/v1/admin/orders/${id}/status`, { status: to, reason: 'They asked.' });
const stageOf = async (id: string, stage: string) => {
  const { stages } = (await api.call('GET', `/v1/admin/orders/${id}`)).json();
  return stages.find((one: { key: string }) => one.key === stage);
};

async function urlOf(id: string, kind: 'link' | 'approval', stage: string): Promise<string> {
  const page = stateOf((await api.models.orders.get(id))!.state, stage)[kind] ?? '';
  const { generation } = (await api.models[kind === 'link' ? 'links' : 'approvals'].get(page))!;
  return `/${kind === 'link' ? 'onboarding' : 'approve'}/${api.token(kind, page, generation)}`;
}

async function theApproval(): Promise<string> {
  const id = await api.order('google_ads');
  await api.walk(id, key);
  return id;
}

describe('a corrected address', () => {
  test('kills the old link, which says so in the agency’s looks, and the new one takes the form', async () => {
    const id = await api.order('seo');
    const old = await urlOf(id, 'link', 'intake');
    expect(await stageOf(id, 'intake')).toMatchObject({ recipient: client });
    expect((await correct(id)).statusCode).toBe(202);
    const dead = await open(old);
    expect([dead.statusCode, dead.body.includes('Agency north')]).toEqual([404, true]);
    expect(dead.body).toMatch(/This has changed[\s\S]*A new email follows/);
    expect(dead.body).not.toContain(right.email);
    const late = await api.call('POST', old, { as: 'nobody', body: exampleOf(workflowFor('seo').stages[0]!) });
    expect([late.statusCode, late.json().code]).toEqual([404, 'link_not_valid']);
    expect(await stageOf(id, 'intake')).toMatchObject({ recipient: right, status: 'waiting' });
    const { data } = (await api.call('GET', `/v1/admin/onboardings?orders=${id}`)).json();
    expect(data[0].sentTo).toBe(right.email);
    const url = await urlOf(id, 'link', 'intake');
    const sent = await api.call('POST', url, { as: 'nobody', body: exampleOf(workflowFor('seo').stages[0]!) });
    expect(sent.statusCode).toBe(202);
    await api.work();
    expect(await stageOf(id, 'intake')).toMatchObject({ status: 'in_review' });
    expect((await open(old)).body).toContain('This is already done');
  });

  test('is of no use to the old address: an approval that has expired is renewed for the new one alone', async () => {
    const id = await theApproval();
    await act(id, { action: 'request-approval', stage: key, recipient: client });
    const old = await urlOf(id, 'approval', key);
    clock.pass(days(40));
    await api.work();
    expect((await open(old)).body).toContain('Send me a new link');
    await correct(id);
    expect((await open(old)).body).toContain('This has changed');
    expect((await api.call('POST', `${old}/renew`, page)).statusCode).toBe(404);
    expect(await stageOf(id, key)).toMatchObject({ recipient: right, waitingFor: 'approval', round: 3 });
  });
});

describe('another approver', () => {
  test('is named by the stage route: the old page is dead, theirs decides, and history knows no name', async () => {
    const id = await theApproval();
    const old = await urlOf(id, 'approval', key);
    const named = await act(id, { action: 'request-approval', stage: key, recipient: dee, reason: 'Ann has left.' });
    expect(named.statusCode).toBe(202);
    expect((await open(old)).body).toContain('This has changed');
    const stage = await stageOf(id, key);
    expect(stage).toMatchObject({ recipient: dee, round: 2 });
    expect(new Date(stage.expiresAt) > clock.now()).toBe(true);
    const { history } = (await api.call('GET', `/v1/admin/orders/${id}/setup-progress?detail=full`)).json();
    const line = history.find(({ reason }: { reason?: string }) => reason === 'Ann has left.');
    expect(line).toMatchObject({ action: 'request-approval', outcome: 'done' });
    expect(JSON.stringify(history)).not.toMatch(/Dee Decider|dee@/);
    const url = await urlOf(id, 'approval', key);
    expect((await api.call('POST', url, { as: 'nobody', body: { decision: 'approve' } })).statusCode).toBe(202);
    await api.work();
    expect(await stageOf(id, key)).toMatchObject({ status: 'done' });
  });

  test('is refused by its field where it is nobody, and where the stage asks for no approval', async () => {
    const id = await theApproval();
    const nobody = { action: 'request-approval', stage: key, recipient: { name: 'Dee', email: 'no' } };
    const answer = await act(id, nobody);
    expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, '/recipient/email']);
    const other = await act(id, { action: 'request-approval', stage: 'build', recipient: dee });
    expect([other.statusCode, other.json().code]).toEqual([409, 'wrong_gate']);
    const noRight = await put(`/v1/admin/orders/${id}/stage`, { ...nobody, recipient: dee }, 'account_manager');
    expect(noRight.statusCode).toBe(403);
  });

  test('can be named in a pause, and is asked at its end', async () => {
    const id = await theApproval();
    await status(id, 'paused');
    expect((await act(id, { action: 'request-approval', stage: key, recipient: dee })).statusCode).toBe(202);
    expect(await stageOf(id, key)).toMatchObject({ round: 1, recipient: dee });
    await status(id, 'active');
    expect(await stageOf(id, key)).toMatchObject({ round: 2, recipient: dee });
    expect((await open(await urlOf(id, 'approval', key))).statusCode).toBe(200);
  });
});

describe('a pause that outlives a link', () => {
  test.each([
    ['seo', 'link', 'intake'],
    ['google_ads', 'approval', key],
  ] as const)('leaves that of %s as it was: the same address works after it (%s)', async (product, kind, stage) => {
    const id = await api.order(product);
    if (kind === 'approval') await api.walk(id, key);
    const url = await urlOf(id, kind, stage);
    const before = (await stageOf(id, stage)).expiresAt;
    await status(id, 'paused');
    clock.pass(days(100));
    await api.work();
    expect((await stageOf(id, stage)).expiresAt).toBeUndefined();
    await status(id, 'active');
    expect(await stageOf(id, stage)).toMatchObject({ status: 'waiting', round: 1 });
    const { statusCode, body } = await open(url);
    expect([statusCode, body.includes('<form')]).toEqual([200, true]);
    if (kind === 'approval') {
      const { expiresAt } = await stageOf(id, stage);
      expect(new Date(expiresAt).getTime() - new Date(before).getTime()).toBeGreaterThan(days(97));
    }
  });
});

describe('a link whose stage went on without it', () => {
  test('says that it is no longer needed, not that it was answered', async () => {
    const id = await api.order('seo');
    const url = await urlOf(id, 'link', 'intake');
    await act(id, { action: 'skip', stage: 'intake', reason: 'We have it by phone.' });
    expect((await open(url)).body).toContain('This is no longer needed');
  });
});

describe('an answer that was refused because its stage was on hold', () => {
  test('does not use up the link: the next one is taken, once', async () => {
    const id = await api.order('seo');
    const url = await urlOf(id, 'link', 'intake');
    const send = () => api.call('POST', url, { as: 'nobody', body: exampleOf(workflowFor('seo').stages[0]!) });
    await send();
    const link = stateOf((await api.models.orders.get(id))!.state, 'intake').link;
    const refused = { status: 'refused', code: 'stage_not_ready' } as const;
    await api.models.work.settle(`form-${link}-1`, refused, clock.now());
    expect((await open(url)).body).toContain('<form');
    expect((await Promise.all([send(), send()])).map(({ statusCode }) => statusCode)).toEqual([202, 202]);
    await api.work();
    expect(await stageOf(id, 'intake')).toMatchObject({ status: 'in_review' });
    expect((await open(url)).body).toContain('This is already done');
  });
});

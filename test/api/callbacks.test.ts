import { beforeAll, describe, expect, test } from 'vitest';
import { after, seconds, systemClock } from '../../kernel/time.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import { signedHeaders } from '../../runtime/webhook.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { headersOfBytes } from '../support/signed-bytes.ts';
import { aVendor, secretOf } from '../support/vendor.ts';

let api: TestApi;
let dispatch: string;
let order: string;

beforeAll(async () => {
  api = await anApi();
  const { vendor } = await aVendor(api.models);
  await aVendor(api.models, { _id: 'other', secrets: [secretOf('other')], serves: [] });
  vendor.manners = { answers: 'callback', callback: { delay: 3_600_000 } };
  Object.assign(api.context, { outside: httpGuard({ allow: [vendor.origin] }) });
  order = await api.order('gbp');
  await api.walk(order, 'verification');
  dispatch = (await api.models.dispatches.ofOrder(order))[0]?._id ?? '';
}, 120_000);

interface Sent {
  id?: string;
  secret?: string;
  secondsOld?: number;
  to?: string;
  body?: string;
}

const bodyOf = (status: string, result?: object) =>
  JSON.stringify({ type: `dispatch.${status}`, data: { dispatch, status, result } });

function send({
  id = 'msg_1',
  secret = 'current',
  secondsOld = 0,
  to = 'verifier',
  body = bodyOf('progressed'),
}: Sent) {
  const at = after(systemClock.now(), -seconds(secondsOld));
  const headers = { 'content-type': 'application/json', ...signedHeaders([secretOf(secret)], { id, at, body }) };
  return api.app.inject({ method: 'POST', url: `/v1/callbacks/${to}`, headers, payload: body });
}

describe('a callback', () => {
  test('is asked for at the vendor first', () => {
    expect(dispatch).not.toBe('');
  });

  test.each([
    ['signed with the secret in use', {}, 202],
    ['signed with the one before', { secret: 'old', id: 'msg_old' }, 202],
    ['signed with a wrong secret', { secret: 'wrong' }, 401],
    ["signed with another vendor's secret", { secret: 'other' }, 401],
    ['more than five minutes old', { secondsOld: 301 }, 401],
    ['more than five minutes ahead', { secondsOld: -302 }, 401],
    ['for a vendor nobody knows', { to: 'nobody' }, 401],
    ['that is no JSON', { id: 'msg_text', body: 'hello' }, 400],
    ['of another form', { id: 'msg_form', body: '{"type":"x","data":{"dispatch":{"$ne":1}}}' }, 400],
    ['that is too large', { id: 'msg_large', body: `{"x":"${'x'.repeat(70_000)}"}` }, 413],
  ])('%s is answered as it should be', async (_, sent, status) => {
    expect((await send(sent)).statusCode).toBe(status);
  });

  test('without a signature is refused in the same words as one for nobody', async () => {
    const bare = await api.app.inject({ method: 'POST', url: '/v1/callbacks/verifier', payload: { type: 'x' } });
    const [first, second] = [bare.json(), (await send({ to: 'nobody' })).json()];
    expect(bare.statusCode).toBe(401);
    expect(first.detail).toBe(second.detail);
  });

  test('that is signed rightly and is no UTF-8 is refused as unreadable', async () => {
    const payload = Buffer.from(bodyOf('progressed').replace('progressed', 'progress\u00e9d'), 'latin1');
    const headers = {
      'content-type': 'application/json',
      ...headersOfBytes(secretOf('current'), 'msg_latin', payload),
    };
    const answer = await api.app.inject({ method: 'POST', url: '/v1/callbacks/verifier', headers, payload });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
  });

  test('whose bytes were changed on the way is refused', async () => {
    const at = systemClock.now();
    const headers = signedHeaders([secretOf('current')], { id: 'msg_changed', at, body: bodyOf('progressed') });
    const answer = await api.app.inject({
      ...{ method: 'POST', url: '/v1/callbacks/verifier', payload: `${bodyOf('progressed')}\n` },
      headers: { 'content-type': 'application/json', ...headers },
    });
    expect(answer.statusCode).toBe(401);
  });

  test('under a known id with another body is not believed', async () => {
    await send({ id: 'msg_twice' });
    expect((await send({ id: 'msg_twice', body: bodyOf('failed') })).statusCode).toBe(422);
  });

  test('sent fifty times at once is one work item, and moves the stage once', async () => {
    const body = bodyOf('completed', { method: 'video', state: 'COMPLETED', has_voice_of_merchant: true });
    const answers = await Promise.all(Array.from({ length: 50 }, () => send({ id: 'msg_done', body })));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([202]));
    expect(new Set(answers.map((answer) => answer.json().job.id)).size).toBe(1);
    await api.work();
    await send({ id: 'msg_done_again', body });
    await api.work();
    const found = await api.models.orders.get(order);
    expect(found?.state.stages.find(({ key }) => key === 'verification')).toMatchObject({ status: 'done', round: 1 });
    const told = (await api.models.work.ofOrder(order, 1_000)).filter(({ actor }) => actor.id === 'vendor-verifier');
    expect(told.filter(({ queue }) => queue === 'setup')).toHaveLength(1);
  });

  test("of one vendor for another's dispatch moves nothing", async () => {
    const { statusCode } = await send({ to: 'other', secret: 'other', id: 'msg_foreign', body: bodyOf('failed') });
    expect(statusCode).toBe(202);
    await api.work();
    expect(await api.models.dispatches.get(dispatch)).toMatchObject({ status: 'done' });
  });
});

/** A second pair of eyes, as the API offers it: who attested an access at the account has worked on every order it serves. */
import { beforeAll, expect, test } from 'vitest';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { anApi, type TestApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
});

test('whoever attested an access cannot pass the check of the order, and the stage names them', async () => {
  const order = await api.order('seo');
  const headers = { 'if-match': '*' };
  for (const grant of ['search_console', 'cms', 'analytics']) {
    const body = { action: 'attest', evidence: 'Seen in the account settings' };
    const answer = await api.call('PUT', `/v1/admin/accounts/acme/grants/${grant}`, {
      as: 'setup_manager',
      body,
      headers,
    });
    expect(answer.statusCode, answer.body).toBe(202);
  }
  await api.work();
  await api.walk(order, 'qa');
  const { stages } = (await api.call('GET', `/v1/admin/orders/${order}`)).json();
  const access = stages.find(({ key }: { key: string }) => key === 'access_granted');
  expect(access.contributors).toEqual([expect.objectContaining({ did: 'attested', round: 1 })]);
  const data = exampleOf(workflowFor('seo').stages.find(({ key }) => key === 'qa')!);
  const complete = (as: 'setup_manager' | 'order_admin') =>
    api.call('PUT', `/v1/admin/orders/${order}/stage`, {
      as,
      body: { action: 'complete', stage: 'qa', data },
      headers,
    });
  const refused = (await complete('setup_manager')).json();
  expect(refused).toMatchObject({ status: 409, code: 'same_person' });
  expect(refused.detail).toContain(`${access.contributors[0].by} attested "access_granted" in round 1`);
  expect((await complete('order_admin')).statusCode).toBe(202);
});

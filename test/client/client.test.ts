import { beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient, OrderworksProblem } from '../../client/index.ts';
import { anApi, client as person, type TestApi } from '../support/api.ts';

let api: TestApi;
let url: string;
let service: Client;
beforeAll(async () => {
  api = await anApi();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const given = { name: 'Billing', type: 'service', role: 'order_admin', agency: 'north' } as const;
  const { key } = await api.models.apiKeys.issue(given, new Date());
  service = createClient({ url, key });
});

const command = {
  type: 'create-order',
  product: 'listings',
  tier: 'basic',
  source: 'store',
  title: 'From billing',
  client: person,
} as const;

describe('another service', () => {
  test('has an order created, waits for it, and reads what became of it', async () => {
    const { job, order } = await service.enqueue({ account: 'acme', command });
    const waiting = service.wait(job.id, { within: 20_000 });
    await api.work();
    expect(await waiting).toMatchObject({ id: job.id, state: 'done', order: order.id });
    expect(await service.get(job.id)).toMatchObject({ state: 'done', kind: 'create-order' });
    expect((await api.models.orders.get(order.id))?.history[0]?.actor).toMatchObject({ type: 'service' });
  });

  test('asks once however often it asks under one word', async () => {
    const asked = await Promise.all(
      Array.from({ length: 5 }, () => service.enqueue({ account: 'acme', command, once: 'invoice-4711' })),
    );
    expect(new Set(asked.map(({ order }) => order.id)).size).toBe(1);
    const again = await service.enqueue({ account: 'acme', command, once: 'invoice-4711' });
    expect(again).toMatchObject({ replayed: true, order: { id: asked[0]?.order.id } });
    expect(await service.enqueue({ account: 'acme', command })).toMatchObject({ replayed: false });
  });

  test('waits no longer than it wants', async () => {
    const { job } = await service.enqueue({ account: 'acme', command });
    expect((await service.wait(job.id, { within: 300 })).state).toBe('open');
    await api.work();
  });

  test('is told what is wrong, before it asks and when it has asked', async () => {
    const wrong = { ...command, client: { name: 'C', email: 'nobody' } };
    await expect(service.enqueue({ account: 'acme', command: wrong })).rejects.toThrow('mail address');
    const refused = await service
      .enqueue({ account: 'acme', command: { ...command, tier: 'gold' } })
      .catch((error) => error);
    expect(refused).toBeInstanceOf(OrderworksProblem);
    expect(refused).toMatchObject({ code: 'unknown_tier', status: 422, retryable: false });
  });

  test('keeps asking while the service is away', async () => {
    const nowhere = createClient({ url: 'http://127.0.0.1:1', key: 'k', attempts: 2 });
    await expect(nowhere.get('x')).rejects.toThrow('fetch failed');
  });
});

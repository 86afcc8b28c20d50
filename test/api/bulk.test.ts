import { beforeAll, describe, expect, test } from 'vitest';
import { anApi, type TestApi } from '../support/api.ts';
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
      expect(order?.exported).toBe(order?.version);
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

/** A page of a bulk operation that is carried out twice, dies at any step, or comes too late. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { OperationView } from '../../api/schemas/bulk.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import type { Models } from '../../models/open.ts';
import { runPage } from '../../workers/bulk/run-page.ts';
import type { Context } from '../../workers/context.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { aBulk } from '../support/bulk.ts';

let api: TestApi;
let bulk: ReturnType<typeof aBulk>;
let ids: string[];
let tags = 0;

beforeAll(async () => {
  api = await anApi();
  bulk = aBulk(api);
  ids = [await api.order('software'), await api.order('software'), await api.order('software')];
});

/** A started operation, of which nothing has been carried out yet. */
async function started(): Promise<{ operation: Operation; tag: string }> {
  tags += 1;
  const tag = `tag ${tags}`;
  const planned = await bulk.plan({ action: { type: 'tag-order', add: [tag] }, ids });
  await bulk.turn(planned.id, 'start', { hash: planned.plan?.hash });
  return { operation: (await api.models.operations.get(planned.id)) as Operation, tag };
}

/** The ports, with one call of a store replaced. */
function through<Store extends 'orders' | 'bulkItems'>(store: Store, calls: Partial<Models[Store]>): Context {
  const { models } = api.context;
  return { ...api.context, models: { ...models, [store]: { ...models[store], ...calls } } };
}

const dies = () => Promise.reject(new Error('killed'));

async function expectOnce({ _id }: Operation, tag: string): Promise<OperationView> {
  await bulk.settle();
  for (const id of ids) {
    const order = await api.models.orders.get(id);
    const work = `${_id}-${id}`;
    expect(order?.state.tags?.filter((one) => one === tag)).toEqual([tag]);
    expect(order?.history.filter((line) => line.work === work)).toHaveLength(1);
    expect(await api.models.audit.byWork(`order.${id}`, work)).not.toBeNull();
    expect([order?.outbox, order?.outboxDueAt]).toEqual([[], undefined]);
  }
  const view = await bulk.show(_id);
  expect(view).toMatchObject({ status: 'completed', progress: { updated: 3, open: 0, total: 3 } });
  return view;
}

describe('a page that dies', () => {
  test('before its orders are written leaves nothing but values that nobody wrote over', async () => {
    const { operation, tag } = await started();
    await expect(runPage(operation, 0, through('orders', { commitAll: dies }))).rejects.toThrow('killed');
    expect((await api.models.orders.get(ids[0]!))?.state.tags ?? []).not.toContain(tag);
    await expectOnce(operation, tag);
  });

  test('between the write and the audit has its lines exported by whoever comes next', async () => {
    const { operation, tag } = await started();
    let calls = 0;
    const { exportAll } = api.models.orders;
    const once = through('orders', {
      exportAll: (reads) => {
        calls += 1;
        return calls === 1 ? exportAll(reads) : dies(); // The first call looks after what was there before.
      },
    });
    await expect(runPage(operation, 0, once)).rejects.toThrow('killed');
    expect(await api.models.audit.byWork(`order.${ids[0]}`, `${operation._id}-${ids[0]}`)).toBeNull();
    await expectOnce(operation, tag);
  });

  test('after the write and before it is written down is written down by whoever comes next', async () => {
    const { operation, tag } = await started();
    await expect(runPage(operation, 0, through('bulkItems', { save: dies }))).rejects.toThrow('killed');
    expect((await bulk.show(operation._id)).progress).toMatchObject({ updated: 0, open: 3 });
    await expectOnce(operation, tag);
  });

  test('between the write and the audit, and is paused then, has its lines exported all the same', async () => {
    const { operation } = await started();
    let calls = 0;
    const { exportAll } = api.models.orders;
    const once = through('orders', { exportAll: (reads) => (++calls === 1 ? exportAll(reads) : dies()) });
    await expect(runPage(operation, 0, once)).rejects.toThrow('killed');
    await bulk.turn(operation._id, 'pause');
    await bulk.settle();
    expect(await api.models.audit.byWork(`order.${ids[0]}`, `${operation._id}-${ids[0]}`)).not.toBeNull();
    await bulk.turn(operation._id, 'cancel');
    await bulk.settle();
    expect(await bulk.show(operation._id)).toMatchObject({
      status: 'cancelled',
      progress: { updated: 3, cancelled: 0 },
    });
  });
});

describe('a page that comes twice', () => {
  test('at once changes each order once and counts it once', async () => {
    const { operation, tag } = await started();
    await Promise.all([runPage(operation, 0, api.context), runPage(operation, 0, api.context)]);
    await expectOnce(operation, tag);
  });

  test('knows by the line what of several before-values is the true one', async () => {
    const { operation, tag } = await started();
    let isFirst = true;
    const stale = through('orders', {
      async commitAll(commits) {
        if (!isFirst) return api.models.orders.commitAll(commits);
        isFirst = false;
        // Somebody else writes in between, so that the first try is stored and comes to nothing.
        await Promise.all(ids.map((order) => api.call('POST', '/v1/jobs', { body: noteFor(order) })));
        await api.work();
        return api.models.orders.commitAll(commits);
      },
    });
    await runPage(operation, 0, stale);
    const view = await expectOnce(operation, tag);
    expect((await api.models.bulkItems.befores(operation._id, 0)).length).toBeGreaterThan(3);
    const { id } = (await bulk.turn(view.id, 'undo', { reason: 'A mistake.' })).json();
    await bulk.settle();
    expect(await bulk.run(await bulk.show(id))).toMatchObject({ status: 'completed', progress: { updated: 3 } });
    for (const order of ids) expect((await api.models.orders.get(order))?.state.tags).not.toContain(tag);
  });
});

const noteFor = (order: string) => ({ order, command: { type: 'note-order', text: 'Seen.' } });

describe('a page that comes after the operation was cancelled', () => {
  test('writes nothing, though it had read its orders before', async () => {
    const { operation, tag } = await started();
    let isFirst = true;
    const late = through('orders', {
      async lean(asked) {
        const reads = await api.models.orders.lean(asked);
        if (!isFirst) return reads;
        isFirst = false;
        await bulk.turn(operation._id, 'cancel');
        await bulk.settle();
        return reads;
      },
    });
    await runPage(operation, 0, late);
    expect(await bulk.show(operation._id)).toMatchObject({
      status: 'cancelled',
      progress: { cancelled: 3, updated: 0 },
    });
    for (const id of ids) expect((await api.models.orders.get(id))?.state.tags).not.toContain(tag);
  });
});

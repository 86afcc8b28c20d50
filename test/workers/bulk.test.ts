/** A page of a bulk operation that is carried out twice, dies at any step, or comes too late. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { OperationView } from '../../api/schemas/bulk.ts';
import { openWork, type WorkItem } from '../../kernel/work.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import type { Models } from '../../models/open.ts';
import { planDraft } from '../../queues/bulk.ts';
import { runPage } from '../../workers/bulk/run-page.ts';
import { bulkWorker } from '../../workers/bulk.ts';
import type { Context } from '../../workers/machine/context.ts';
import type { Handler } from '../../workers/machine/define.ts';
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
    // Found by its new tag, as after a single command.
    expect(order?.search).toContain(tag.replace('tag ', ''));
    expect(order?.history.filter((line) => line.work === work)).toHaveLength(1);
    expect(await api.models.audit.byWork(`order.${id}`, work)).not.toBeNull();
    expect([order?.outbox, order?.outboxDueAt]).toEqual([[], undefined]);
  }
  const view = await bulk.show(_id);
  expect(view).toMatchObject({ status: 'completed', progress: { updated: 3, open: 0, total: 3 } });
  return view;
}

/** The ports, of which the call number `at` never answers: it is not made, or is made and nobody hears of it. */
function dyingAt(at: number, isMade: boolean): { context: Context; calls: () => number } {
  let calls = 0;
  const { models } = api.context;
  const mortal = <Store extends object>(store: Store): Store =>
    Object.fromEntries(
      Object.entries(store).map(([name, call]) => {
        if (typeof call !== 'function' || name === 'streamOf') return [name, call];
        const through = async (...args: unknown[]) => {
          calls += 1;
          if (calls !== at) return call(...args);
          if (isMade) await call(...args);
          return dies();
        };
        return [name, through];
      }),
    ) as Store;
  const { orderSearch, bulkItems, operations, work } = models;
  const stores = { orderSearch, bulkItems, operations, work };
  const dying = Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, mortal(store)]));
  return { context: { ...api.context, models: { ...models, ...dying } }, calls: () => calls };
}

describe('a plan that dies', () => {
  test.each([
    ['before', false],
    ['after', true],
  ])('%s any call is the same plan in the end, made once', async (_when, isMade) => {
    const { plan } = bulkWorker.handlers as Record<'plan', Handler<unknown>>;
    const action = { type: 'tag-order', add: ['planned'] };
    for (let at = 1, isOver = false; !isOver; at += 1) {
      const { id } = (await bulk.ask({ action, ids, reason: 'A trial.' })).json();
      const operation = (await api.models.operations.get(id)) as Operation;
      const item = openWork(planDraft(operation, 0, { after: '', sampled: 0 }), 'nudged', api.context.clock.now());
      const last = openWork(planDraft(operation, 1, { after: '', sampled: 3 }), 'nudged', api.context.clock.now());
      const { context, calls } = dyingAt(at, isMade);
      const take = (one: WorkItem) => plan(one.payload, one, context, new AbortController().signal);
      await take(item)
        .then(() => take(last)) // The second page is asked for by the first.
        .catch(() => undefined);
      isOver = calls() < at;
      if (isOver) expect(at).toBeGreaterThan(8);
      await bulk.settle();
      const planned = await bulk.show(id);
      expect(planned, `dead at ${at}`).toMatchObject({ status: 'planned', plan: { total: 3 } });
      expect(planned.plan?.verdicts).toMatchObject({ will_change: 3, no_op: 0, refused: 0, conflict: 0 });
      expect(planned.plan?.samples.map(({ order }) => order).sort()).toEqual([...ids].sort());
      const { history } = (await api.models.operations.get(id)) as Operation;
      expect(history.filter((line) => line.action === 'rehearse-operation' && line.outcome === 'done')).toHaveLength(1);
    }
  });
});

describe('a page whose orders others write to between its read and its write', () => {
  test('asks the rule anew: what still passes is written, what does not is refused, and the counts are exact', async () => {
    const { operation, tag } = await started();
    const [open, gone, untouched] = [await api.order('software'), await api.order('software'), ids[0]!];
    const planned = await bulk.plan({ action: { type: 'tag-order', add: ['raced'] }, ids: [open, gone, untouched] });
    await expectOnce(operation, tag);
    await bulk.turn(planned.id, 'start', { hash: planned.plan?.hash });
    let isFirst = true;
    const raced = through('orders', {
      async commitAll(commits) {
        if (isFirst) {
          isFirst = false;
          await api.call('POST', '/v1/jobs', { body: noteFor(open) });
          await api.call('POST', '/v1/jobs', { body: { order: gone, command: { type: 'clear' }, reason: 'gone' } });
          await api.work();
        }
        return api.models.orders.commitAll(commits);
      },
    });
    await runPage((await api.models.operations.get(planned.id)) as Operation, 0, raced);
    await bulk.settle();
    const view = await bulk.show(planned.id);
    expect(view.progress).toMatchObject({
      updated: 2,
      refused: 1,
      no_op: 0,
      conflict: 0,
      failed: 0,
      open: 0,
      total: 3,
    });
    for (const order of [open, untouched]) {
      const { state, history } = (await api.models.orders.get(order))!;
      expect(state.tags?.filter((one) => one === 'raced')).toEqual(['raced']);
      expect(history.filter(({ work }) => work === `${planned.id}-${order}`)).toHaveLength(1);
    }
    const refused = (await api.models.orders.get(gone))!;
    expect(refused.history.filter(({ work }) => work === `${planned.id}-${gone}`)).toMatchObject([
      { outcome: 'refused', code: 'order_closed' },
    ]);
  });
});

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
    // Nothing was left to cancel: it is what it was.
    expect(await bulk.show(operation._id)).toMatchObject({
      status: 'completed',
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

/**
 * `npm run bench -- bulk [--orders 100000] [--json]`: orders changed by a bulk operation, beside a raw bulkWrite of the
 * driver that writes as many bytes to the same orders, in one run. The clock stops when nothing is left to do: history in
 * the audit, undo data stored, outboxes empty. Meanwhile somebody goes on working over the API.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { BSON } from 'mongodb';
import type { OperationView } from '../api/schemas/bulk.ts';
import { agency, type Factory, openFactory } from './bulk-stage.ts';
import { orderId } from './orders.ts';

const small = 10_000;
const action = { type: 'set-priority', priority: 'high' };
const askEvery = 70;

/** `--orders N` (100,000), `--json`. */
export async function run(args: string[]): Promise<void> {
  const orders = Number(args[args.indexOf('--orders') + 1] || 0) || 100_000;
  const factory = await openFactory(orders);
  try {
    const figures = await measure(factory, orders);
    process.stdout.write(args.includes('--json') ? `${JSON.stringify(figures)}\n` : inWords(figures, factory));
  } finally {
    await factory.close();
  }
}

type Figures = Record<
  'orders' | 'perSecond' | 'raw' | 'ratio' | 'rssGrowthMB' | 'redisGrowthMB' | 'interactiveP95Ratio',
  number
>;

async function measure(factory: Factory, orders: number): Promise<Figures> {
  const few = Array.from({ length: Math.min(small, Math.ceil(orders / 10)) }, (_, n) => orderId(n));
  const first = await watched(factory, () => change(factory, { ids: few }, { type: 'set-priority', priority: 'low' }));
  const idle = await interactive(factory, wait(20_000));
  const redisBefore = await factory.redisBytes();
  let seconds = 0;
  const running = watched(factory, async () => {
    seconds = await change(factory, { filter: {} }, action);
  });
  const busy = await interactive(factory, running);
  const whole = await running;
  const raw = orders / (await rawSeconds(factory));
  return {
    orders,
    perSecond: Math.round(orders / seconds),
    raw: Math.round(raw),
    ratio: round(orders / seconds / raw),
    rssGrowthMB: megabytes(whole.rss - first.rss),
    redisGrowthMB: megabytes(whole.redis - redisBefore),
    interactiveP95Ratio: round(busy / idle),
  };
}

const round = (n: number): number => Number(n.toFixed(3));
const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576);

function inWords(figures: Figures, { stage }: Factory): string {
  return [
    `Database: ${stage.database}`,
    `${figures.orders} orders at ${figures.perSecond}/s with rehearsal, history, undo data and outboxes`,
    `${figures.raw}/s by a raw bulkWrite of as many bytes; ratio ${figures.ratio}`,
    `memory of the worker +${figures.rssGrowthMB} MB from ${small} orders to all, Redis +${figures.redisGrowthMB} MB`,
    `requests of others: p95 ${figures.interactiveP95Ratio} times that of an idle system\n`,
  ].join('\n');
}

/** Plans, starts and waits for the end; resolves to the seconds from the start to nothing left to do. */
async function change(factory: Factory, which: object, asked: object): Promise<number> {
  const { models } = factory.stage;
  const planned = await until(
    factory,
    await post(factory, '', { action: asked, reason: 'The bench.', ...which }),
    ({ status }) => status !== 'planning',
  );
  const { hash, confirm } = planned.plan ?? {};
  const begun = performance.now();
  const started = await post(factory, `/${planned.id}/start`, { hash, ...(confirm && { confirm }) });
  const ended = await until(factory, started, ({ status }) => status !== 'running');
  while (
    await models.orders.model.collection.findOne({
      outboxDueAt: { $exists: true },
      'outbox.0': { $exists: true },
    } as never)
  )
    await wait(20);
  const seconds = (performance.now() - begun) / 1_000;
  if (ended.status !== 'completed') process.stderr.write(`${JSON.stringify(ended.progress)} ${ended.status}\n`);
  return seconds;
}

async function until(factory: Factory, asked: OperationView, isThere: (view: OperationView) => boolean) {
  for (let view = asked; ; view = await get(factory, asked.id)) {
    if (isThere(view)) return view;
    await wait(view.status === 'running' ? 200 : 500);
  }
}

const headers = ({ key }: Factory) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });

async function post(factory: Factory, path: string, body: object): Promise<OperationView> {
  const init = { method: 'POST', headers: headers(factory), body: JSON.stringify(body) };
  const answer = await fetch(`${factory.url}/v1/bulk-operations${path}`, init);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as OperationView;
}

async function get(factory: Factory, id: string): Promise<OperationView> {
  const answer = await fetch(`${factory.url}/v1/bulk-operations/${id}`, { headers: headers(factory) });
  return (await answer.json()) as OperationView;
}

/** The most memory that the worker and Redis had meanwhile. */
async function watched(factory: Factory, act: () => Promise<unknown>): Promise<{ rss: number; redis: number }> {
  const peak = { rss: 0, redis: 0 };
  let over = false;
  const watching = (async () => {
    while (!over) {
      peak.rss = Math.max(peak.rss, await factory.rss());
      peak.redis = Math.max(peak.redis, await factory.redisBytes());
      await wait(250);
    }
  })();
  await act().finally(() => {
    over = true;
  });
  await watching;
  return peak;
}

/** Reads and commands of somebody at work, one after the other; resolves to what 95 of 100 stay below, in ms. */
async function interactive(factory: Factory, meanwhile: Promise<unknown>): Promise<number> {
  const took: number[] = [];
  let over = false;
  void meanwhile.finally(() => {
    over = true;
  });
  for (let n = 0; !over; n += 1) {
    const order = orderId(n % 50);
    const begun = performance.now();
    const answer = n % 2 === 0 ? await read(factory, order) : await note(factory, order, n);
    took.push(performance.now() - begun);
    if (!answer.ok) throw new Error(await answer.text());
    await answer.arrayBuffer();
    await wait(askEvery);
  }
  took.sort((a, b) => a - b);
  return took[Math.floor(took.length * 0.95)] ?? 0;
}

const read = (factory: Factory, order: string) =>
  fetch(`${factory.url}/v1/admin/orders/${order}`, { headers: headers(factory) });

function note(factory: Factory, order: string, n: number) {
  const body = JSON.stringify({ order, command: { type: 'note-order', text: `Note ${n}` } });
  return fetch(`${factory.url}/v1/jobs`, { method: 'POST', headers: headers(factory), body });
}

/** The same states, and as much more as the operation wrote beside them: line of history twice, and what it was before. */
async function rawSeconds({ stage: { models } }: Factory): Promise<number> {
  const documents = models.orders.model.collection;
  const sample = await models.bulkItems.befores((await newest(models)) ?? '', 0);
  const beside = BSON.calculateObjectSize({ sample }) / Math.max(1, sample.length);
  let ms = 0;
  let last = '';
  for (;;) {
    const page = documents
      .find({ _id: { $gt: last } } as never)
      .sort({ _id: 1 })
      .limit(1_000);
    const found = await page.project({ state: 1, history: { $slice: -1 } }).toArray();
    if (found.length === 0) return ms / 1_000;
    last = String(found.at(-1)?.['_id']);
    const writes = found.map(({ _id, state, history }) => {
      const bytes = 2 * BSON.calculateObjectSize({ history }) + beside;
      return { updateOne: { filter: { _id }, update: { $set: { state, raw: 'x'.repeat(bytes) } } } };
    });
    const begun = performance.now();
    await documents.bulkWrite(writes as never, { ordered: false });
    ms += performance.now() - begun;
  }
}

async function newest({ operations }: Factory['stage']['models']): Promise<string | undefined> {
  const [last] = await operations.list({ agency }, { limit: 1 });
  return last?._id;
}

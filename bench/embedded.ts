/**
 * `npm run bench -- embedded [--documents 1000000]`: the embedded server at 10,000 and at many documents, with sync and
 * without, beside each other. Loopback, 1.3 kB documents, three indexes; a server process for each column.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Collection, MongoClient } from 'mongodb';
import { type Embedded, startEmbedded } from '../embedded/start.ts';

interface Order {
  _id: string;
  version: number;
  account: string;
  status: string;
  createdAt: Date;
  applied: string[];
  text: string;
  n: number;
}

type Orders = Collection<Order>;

const SMALL = 10_000;
const BATCH = 1000;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { documents: { type: 'string', default: '1000000' } } });
  const many = Number(values.documents);
  const columns = [
    { name: `sync, ${SMALL}`, sync: true, documents: SMALL },
    { name: `noSync, ${SMALL}`, sync: false, documents: SMALL },
    { name: `sync, ${many}`, sync: true, documents: many },
  ];
  const figures: Record<string, Record<string, string>> = {};
  for (const { name, ...column } of columns) {
    for (const [row, figure] of Object.entries(await measure(column))) {
      figures[row] ??= {};
      figures[row][name] = figure;
    }
  }
  console.table(figures);
}

async function measure({ sync, documents }: { sync: boolean; documents: number }): Promise<Record<string, string>> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-embedded-'));
  let server = await startEmbedded({ dir, sync });
  let client = new MongoClient(server.uri);
  try {
    const orders = client.db('bench').collection<Order>('orders');
    const loaded = await load(orders, documents);
    const rows = {
      [`load of all, docs/s`]: loaded,
      ...(await operations(orders, documents)),
      ...(await memory(server)),
    };
    await client.close();
    process.kill(server.pid, 'SIGKILL');
    const began = performance.now();
    server = await startEmbedded({ dir, sync });
    client = new MongoClient(server.uri);
    await client
      .db('bench')
      .collection<Order>('orders')
      .findOne({ _id: idOf(1) });
    return { ...rows, 'first answer after SIGKILL, ms': String(Math.round(performance.now() - began)) };
  } finally {
    await client.close();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function load(orders: Orders, documents: number): Promise<string> {
  await orders.createIndex({ account: 1, status: 1, createdAt: -1 });
  await orders.createIndex({ status: 1, n: 1 });
  await orders.createIndex({ createdAt: 1 });
  const began = performance.now();
  for (let at = 0; at < documents; at += BATCH) {
    await orders.insertMany(Array.from({ length: BATCH }, (_, i) => someOrder(at + i)));
  }
  const seconds = (performance.now() - began) / 1000;
  return `${Math.round(documents / seconds)} (${seconds.toFixed(1)} s)`;
}

async function operations(orders: Orders, documents: number): Promise<Record<string, string>> {
  const any = () => Math.floor(Math.random() * documents);
  const update = () => orders.updateOne({ _id: idOf(any()) }, { $set: { text: 'changed' }, $inc: { n: 1 } });
  return {
    'updateOne by _id, p50 / p99 ms': await timed(1000, update),
    'findOne + findOneAndUpdate {_id, version}, p50 / p99 ms': await timed(1000, () => advance(orders, idOf(any()))),
    'find, 2 equalities + sort + limit 20, p50 / p99 ms': await timed(1000, () =>
      orders
        .find({ account: accountOf(any()), status: 'open' })
        .sort({ createdAt: -1 })
        .limit(20)
        .toArray(),
    ),
    'findOne by _id, p50 / p99 ms': await timed(1000, () => orders.findOne({ _id: idOf(any()) })),
    'updates at 32 at once, per s': await together(32, 200, update),
    ...(await besideBulk(orders, Math.min(documents, 5_000))),
  };
}

/** A large bulk alone, and beside eight who write and read one small thing after the other. */
async function besideBulk(orders: Orders, size: number): Promise<Record<string, string>> {
  const bulk = async () => {
    const began = performance.now();
    await orders.bulkWrite(
      Array.from({ length: size }, (_, i) => ({ updateOne: { filter: { _id: idOf(i) }, update: { $inc: { n: 1 } } } })),
      { ordered: false },
    );
    return performance.now() - began;
  };
  const alone = await bulk();
  const took: number[] = [];
  let over = false;
  const small = Array.from({ length: 8 }, async (_, i) => {
    while (!over) {
      const began = performance.now();
      await advance(orders, idOf(i));
      took.push(performance.now() - began);
    }
  });
  const beside = await bulk();
  over = true;
  await Promise.all(small);
  took.sort((a, b) => a - b);
  const at = (part: number) => (took[Math.floor(took.length * part)] ?? 0).toFixed(1);
  return {
    [`bulk of ${size} updates, alone / beside 8 others, ms`]: `${alone.toFixed(0)} / ${beside.toFixed(0)}`,
    'each of the 8 meanwhile, p50 / p95 ms': `${at(0.5)} / ${at(0.95)}`,
  };
}

async function advance(orders: Orders, _id: string): Promise<void> {
  const order = await orders.findOne({ _id });
  const work = `w${Math.random()}`;
  await orders.findOneAndUpdate(
    { _id, version: order?.version ?? 0, applied: { $ne: work } },
    { $inc: { version: 1 }, $push: { applied: { $each: [work], $slice: -100 } } },
    { returnDocument: 'after' },
  );
}

async function timed(times: number, act: () => Promise<unknown>): Promise<string> {
  for (let i = 0; i < times / 10; i++) await act();
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    await act();
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  const at = (part: number) => (took[Math.floor(times * part)] ?? 0).toFixed(2);
  return `${at(0.5)} / ${at(0.99)}`;
}

async function together(clients: number, each: number, act: () => Promise<unknown>): Promise<string> {
  const began = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let i = 0; i < each; i++) await act();
    }),
  );
  return String(Math.round((clients * each * 1000) / (performance.now() - began)));
}

/** What the process holds itself, as against the file that the system maps for it; only Linux tells. */
async function memory({ pid }: Embedded): Promise<Record<string, string>> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const megabytes = (name: string) =>
    String(Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024));
  return {
    'memory of its own (RssAnon), MB': megabytes('RssAnon'),
    'memory with the mapped file (VmRSS), MB': megabytes('VmRSS'),
  };
}

function someOrder(i: number): Order {
  return {
    _id: idOf(i),
    version: 1,
    account: accountOf(i),
    status: i % 3 === 0 ? 'open' : 'done',
    createdAt: new Date(1_700_000_000_000 + i * 1000),
    applied: [],
    text: 'x'.repeat(1150),
    n: i,
  };
}

function idOf(i: number): string {
  return `order-${String(i).padStart(9, '0')}`;
}

function accountOf(i: number): string {
  return `account-${i % 500}`;
}

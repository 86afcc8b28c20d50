/**
 * A bulk operation over very many orders, with everything done to it that can be: its workers killed five times and
 * more, Redis emptied, paused and resumed, orders edited under its hands. Then its undo. Afterwards every order is looked
 * at, one by one, and every count is compared with what was put there.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { OperationView } from '../../../api/schemas/bulk.ts';
import { orderId, putOrders } from '../../../bench/orders.ts';
import type { HistoryLine } from '../../../kernel/history.ts';
import type { Order } from '../../../models/order.ts';
import type { OrderState } from '../../../workflows/words/state.ts';
import { eventually } from '../../support/eventually.ts';
import type { Finding } from '../finding.ts';
import { findLeaks } from '../leaks.ts';
import { pick } from '../means.ts';
import { findOrphans } from '../orphans.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const full = 1_000_000;
const kills = 5;
const patience = 3 * 3_600_000;
/** Of a hundred orders, this many have the priority already, and this many are closed. */
const already = 5;
const closed = 3;

const sizeOf = ({ scale }: World): number => (scale >= 1 ? full : Math.round(scale * 200_000));
const kindOf = (n: number) => (n % 100 < already ? 'so' : n % 100 < already + closed ? 'closed' : 'open');

/** Written over between the plan and the start, and after the end: the last of those that would change. */
const edited = (size: number, from: number, count: number): string[] =>
  Array.from({ length: size }, (_, n) => n)
    .filter((n) => kindOf(n) === 'open')
    .slice(from, from + count)
    .map(orderId);

const conflicting = 7;
const touched = 9;

export const bulkKilled: Scenario = {
  id: 'B1',
  fault: `bulk over ${full.toLocaleString('en')} orders (a share of 200,000): kill -9 of a worker five times, Redis emptied, paused, resumed, undone`,
  threshold: 'each order exactly once, one line each; counts exact; the undo exact',
  recoverWithin: 120,
  longest: patience,
  async run(world) {
    const size = sizeOf(world);
    const { models } = world;
    const accounts = Array.from({ length: 20 }, (_, n) => `account${n}`);
    const as = (n: number, state: OrderState): OrderState => {
      if (kindOf(n) === 'so') return { ...state, priority: 'high' };
      return kindOf(n) === 'closed' ? { ...state, status: 'completed' } : state;
    };
    await putOrders(models, { count: size, agency: 'north', accounts, product: 'software', tier: 'standard', as });

    const action = { type: 'set-priority', priority: 'high' };
    const planned = await plan(world, '', { action, filter: {}, reason: 'The trial.' });
    const early = edited(size, 0, conflicting);
    await Promise.all(early.map((order) => setPriority(world, order, 'low')));
    const begun = performance.now();
    const operation = await harmed(world, planned);
    const seconds = (performance.now() - begun) / 1_000;
    const missed = await verify(world, operation, { size, early });

    const late = edited(size, conflicting, touched);
    await Promise.all(late.map((order) => setPriority(world, order, 'urgent')));
    const undo = await plan(world, `/${operation.id}/undo`, { reason: 'It was a trial.' });
    const undone = await ended(world, await turn(world, undo.id, 'start', startOf(undo)));
    const endedAt = performance.now();
    missed.push(...(await verifyUndo(world, undone, { operation: operation.id, late, early })));
    const rate = Math.round(size / seconds);
    return { endedAt, note: `${size} orders in ${seconds.toFixed(0)} s, ${rate}/s through ${kills} kills`, missed };
  },
  check: async (world) => [...(await findOrphans(world)), ...(await findLeaks(world)), ...(await unfinished(world))],
};

const startOf = ({ plan: made }: OperationView) => ({
  hash: made?.hash,
  ...(made?.confirm && { confirm: made.confirm }),
});

/** Starts it, and harms it at tenths of its way; resolves to the operation at its end. */
async function harmed(world: World, planned: OperationView): Promise<OperationView> {
  const { workers, client } = world;
  let { id } = await turn(world, planned.id, 'start', startOf(planned));
  for (let n = 1; n <= kills; n += 1) {
    await past(world, id, n * 12);
    await pick(world, workers).kill();
    if (n === 2) {
      await turn(world, id, 'pause');
      await wait(500);
      ({ id } = await turn(world, id, 'resume'));
    }
    if (n === 4) await client.flushall();
  }
  return ended(world, await show(world, id));
}

const past = (world: World, id: string, percent: number): Promise<unknown> =>
  eventually(
    async () => {
      const { progress, plan: made, status } = await show(world, id);
      const share = (100 * (progress?.updated ?? 0)) / (made?.verdicts.will_change ?? 1);
      return share >= percent || !['running', 'paused'].includes(status);
    },
    { within: patience, every: 200 },
  );

/** Every order is as it should be, with one line of the operation where it was changed and none where it was not. */
async function verify(world: World, operation: OperationView, { size, early }: { size: number; early: string[] }) {
  const { models } = world;
  const wrong: string[] = [];
  const expected = { updated: 0, no_op: 0, refused: 0, conflict: early.length };
  for await (const order of allOrders(world)) {
    const n = Number(order._id.slice(4));
    const kind = early.includes(order._id) ? 'early' : kindOf(n);
    if (kind === 'open') expected.updated += 1;
    if (kind === 'so') expected.no_op += 1;
    if (kind === 'closed') expected.refused += 1;
    const lines = order.history.filter(({ work }) => work === `${operation.id}-${order._id}`).length;
    const isRight = kind === 'open' ? lines === 1 && order.state.priority === 'high' : lines === 0;
    if (!isRight) wrong.push(`${order._id} (${kind}) has ${lines} lines and the priority ${order.state.priority}`);
    if (order.outbox.length > 0 || order.outboxDueAt) wrong.push(`${order._id} is not drained`);
  }
  const lines = models.audit.model.collection.find({ cause: 'bulk', action: 'set-priority' }).project({ _id: 1 });
  let exported = 0;
  for await (const _ of lines.batchSize(1_000)) exported += 1;
  if (exported !== expected.updated) wrong.push(`${exported} lines are in the audit, not ${expected.updated}`);
  wrong.push(...differences(operation, { ...expected, failed: 0, cancelled: 0, open: 0, total: size }));
  if (operation.status !== 'completed_with_failures') wrong.push(`it ended as ${operation.status}`);
  return wrong.slice(0, 10);
}

function differences({ progress }: OperationView, expected: Record<string, number>): string[] {
  const counted = progress as unknown as Record<string, number>;
  return Object.entries(expected).flatMap(([name, count]) =>
    counted[name] === count ? [] : [`${name} is counted ${counted[name]}, and is ${count}`],
  );
}

interface Undone {
  operation: string;
  late: string[];
  early: string[];
}

async function verifyUndo(world: World, undone: OperationView, { operation, late, early }: Undone): Promise<string[]> {
  const wrong: string[] = [];
  let restored = 0;
  for await (const { _id, history, state } of allOrders(world)) {
    const lineOf = (work: string): HistoryLine | undefined => history.find((line) => line.work === `${work}-${_id}`);
    if (!lineOf(operation)) continue;
    const isLate = late.includes(_id);
    if (!isLate) restored += 1;
    const isRight = isLate ? state.priority === 'urgent' : state.priority === undefined && lineOf(undone.id);
    if (!isRight) wrong.push(`${_id} has the priority ${state.priority} after the undo`);
  }
  const listed = (await resultOf(world, undone.id)).filter((row) => row.includes(',conflict,')).length;
  if (listed !== late.length) wrong.push(`${listed} are listed as touched since, not ${late.length}`);
  if (early.length !== conflicting) wrong.push('too few were edited');
  const expected = { updated: restored, conflict: late.length, failed: 0, open: 0, total: restored + late.length };
  return [...wrong, ...differences(undone, expected)].slice(0, 10);
}

const allOrders = ({ models }: World) =>
  models.orders.model.collection.find({}).sort({ _id: 1 }).batchSize(500) as unknown as AsyncIterable<Order>;

async function unfinished({ models }: World): Promise<Finding[]> {
  const due = await models.work.model.collection.countDocuments({ state: { $in: ['open', 'dead'] }, queue: 'bulk' });
  return due > 0 ? [{ kind: 'stuck', what: `${due} items of the bulk queue are open or dead` }] : [];
}

async function plan(world: World, path: string, body: object): Promise<OperationView> {
  const { id } = await ask(world, 'POST', path, body);
  const isPlanned = async () => (await show(world, id)).status === 'planned';
  await eventually(isPlanned, { within: patience, every: 250 });
  return show(world, id);
}

const ended = (world: World, { id }: OperationView): Promise<OperationView> =>
  eventually(
    async () => {
      const view = await show(world, id);
      return view.endedAt && view;
    },
    { within: patience, every: 250 },
  ) as Promise<OperationView>;

const show = (world: World, id: string) => ask(world, 'GET', `/${id}`);
const turn = (world: World, id: string, verb: string, body: object = {}) => ask(world, 'POST', `/${id}/${verb}`, body);

async function ask(world: World, method: string, path: string, body?: object): Promise<OperationView> {
  const answer = await request(world, method, `/v1/bulk-operations${path}`, body);
  return (await answer.json()) as OperationView;
}

async function resultOf(world: World, id: string): Promise<string[]> {
  return (await (await request(world, 'GET', `/v1/bulk-operations/${id}/result`)).text()).split('\n');
}

async function setPriority(world: World, order: string, priority: string): Promise<void> {
  const command = { type: 'set-priority', priority };
  await request(world, 'POST', '/v1/jobs', { order, command });
  const isSet = async () => (await world.models.orders.get(order))?.state.priority === priority;
  await eventually(isSet, { within: 60_000 });
}

async function request({ apiUrl, secrets }: World, method: string, path: string, body?: object): Promise<Response> {
  const answer = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${secrets.key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return answer;
}

/**
 * Rehearses one page of orders: the same rule that will be asked again when it is carried out says what it would do to
 * each. A page that is there already stays as it is, so that a plan made twice is one.
 */
import { system } from '../../kernel/actor.ts';
import { Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import { after, days } from '../../kernel/time.ts';
import type { WorkItem } from '../../kernel/work.ts';
import { type Head, type Item, pageSize } from '../../models/bulk-items.ts';
import type { Operation, Sample } from '../../models/bulk-operation.ts';
import type { Order } from '../../models/order.ts';
import { planLife } from '../../workflows/bulk/operation.ts';
import { attempt, diffOf, type Rehearsal, rehearse } from '../../workflows/bulk/rehearse.ts';
import { countsOfItems, rulesOf, sumOfRules, sumOfVerdicts, verdictsOf } from '../../workflows/bulk/tally.ts';
import { apply } from '../machine/apply.ts';
import type { Context } from '../machine/context.ts';
import { workOf } from './left.ts';
import { changedBy, restorer } from './restorer.ts';

export interface From {
  after: string;
  sampled: number;
}

const mostSamples = 20;
const kept = days(90);

/** Resolves to where the next page begins; undefined after the last. */
export async function planPage(
  operation: Operation,
  { page: n, after: last, sampled }: From & { page: number },
  context: Context,
): Promise<From | undefined> {
  const { bulkItems } = context.models;
  const found = await ordersOf(operation, n, { last, context });
  if (!found) return undefined;
  const { ids, orders } = found;
  const judge = await judgeOf(operation, n, context);
  const byId = new Map(orders.map((order) => [order._id, order]));
  const rehearsed = ids.map((id) => ({ id, order: byId.get(id), is: judged(byId.get(id), judge) }));
  const items = rehearsed.map(({ id, order, is }) => itemOf(id, order, is));
  const samples: Sample[] = rehearsed.flatMap(({ id, order, is }) =>
    is?.verdict === 'will_change'
      ? [{ order: id, ...(order && { title: order.state.title }), changes: diffOf(is) }]
      : [],
  );
  const { _id, createdAt } = operation;
  const expireAt = after(createdAt, kept);
  const page = await bulkItems.addPage({ operation: _id, n, items, expireAt });
  await bulkItems.addHead({
    ...headOf(page.items),
    operation: _id,
    n,
    rev: page.rev,
    samples: samples.slice(0, mostSamples - sampled),
    expireAt,
  });
  const end = page.items.at(-1)?.order ?? last;
  return { after: end, sampled: Math.min(mostSamples, sampled + samples.length) };
}

function headOf(items: readonly Item[]) {
  return {
    ...{ counts: countsOfItems(items), verdicts: verdictsOf(items), rules: rulesOf(items) },
    hash: hashOf(items.map(({ order, version, verdict, rule }) => [order, version, verdict, rule ?? ''])),
    closed: items.some(({ outcome }) => outcome === undefined) ? -1 : 0,
  };
}

interface Found {
  /** All that are meant, also those that are not there. */
  ids: string[];
  orders: Order[];
}

async function ordersOf(
  { _id, selection, agency, accounts }: Operation,
  n: number,
  { last, context }: { last: string; context: Context },
): Promise<Found | undefined> {
  const { orderSearch, bulkItems } = context.models;
  const scope = { agency, ...(accounts && { accounts }) };
  if (selection.by === 'filter') {
    const orders = await orderSearch.walk(scope, selection.filter, { after: last, limit: pageSize });
    return orders.length > 0 ? { ids: orders.map((order) => order._id), orders } : undefined;
  }
  const ids = selection.by === 'ids' ? await bulkItems.list(_id, n) : await changedBy(selection.of, n, context);
  if (!ids || (selection.by === 'ids' && ids.length === 0)) return undefined;
  return { ids, orders: ids.length > 0 ? await orderSearch.some(scope, ids) : [] };
}

type Judge = (order: Order) => Rehearsal;

export async function judgeOf(operation: Operation, page: number, context: Context): Promise<Judge> {
  const { _id, action, actor, reason } = operation;
  const asked = (order: Order) => ({ actor, reason, at: context.business.now(), work: workOf(_id, order._id) });
  if (action) return (order) => rehearse(action, order.state, asked(order));
  const commandOf = await restorer(operation, page, context);
  return (order) => attempt(order.state, asked(order), () => commandOf(order._id));
}

const judged = (order: Order | undefined, judge: Judge) => order && judge(order);

function itemOf(id: string, order: Order | undefined, is: Rehearsal | undefined): Item {
  if (!order || !is) {
    return { order: id, version: 0, verdict: 'refused', rule: 'order_not_found', outcome: 'refused', epoch: 0 };
  }
  const { version } = order;
  if (is.verdict === 'will_change') return { order: id, version, verdict: 'will_change', guard: is.guard };
  const verdict = is.rule === 'value_moved' ? 'conflict' : is.verdict;
  return { order: id, version, verdict, rule: is.rule, outcome: verdict, message: is.message, epoch: 0 };
}

/** Everything has been rehearsed: the counts, the samples, and the hash that the start has to name. */
export async function recordPlan(operation: Operation, item: WorkItem, context: Context): Promise<void> {
  const { models, business } = context;
  const heads = await models.bulkItems.heads(operation._id);
  const plan = planOf(operation, heads, after(business.now(), planLife));
  const event = { type: 'operation-rehearsed', total: plan.total, ...plan.verdicts, hash: plan.hash };
  const own = { ...item, _id: `${operation._id}-planned`, actor: system };
  const application = { stream: models.operations, id: operation._id, item: own, action: 'rehearse-operation' };
  const decide = (read: Operation | undefined) => {
    if (read?.status !== 'planning') throw new Refusal('superseded', `The operation is ${read?.status}.`);
    return { set: { status: 'planned', plan }, events: [event], effects: [] };
  };
  await apply({ ...application, decide }, context);
}

function planOf({ _id, action }: Operation, heads: Head[], expiresAt: Date): NonNullable<Operation['plan']> {
  const verdicts = sumOfVerdicts(heads.map((head) => head.verdicts));
  return {
    ...{ verdicts, expiresAt, pages: heads.length, rules: sumOfRules(heads.map(({ rules }) => rules)) },
    total: Object.values(verdicts).reduce((sum, count) => sum + count, 0),
    samples: heads.flatMap(({ samples }) => samples).slice(0, mostSamples),
    hash: hashOf([_id, action ?? 'undo', heads.map(({ hash }) => hash)]),
  };
}

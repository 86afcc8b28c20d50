/**
 * Items of an operation written to their orders: one command each, decided by the same rule as a single one, and all
 * written together. Whatever comes twice finds the operation's work id on the order and takes the outcome it left.
 */
import { clip } from '../../kernel/clip.ts';
import { Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import { after } from '../../kernel/time.ts';
import { lease } from '../../kernel/work.ts';
import { appliedKept, type Change } from '../../models/aggregate.ts';
import type { Before, Item, Page } from '../../models/bulk-items.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import type { Order } from '../../models/order.ts';
import { listedAs } from '../../models/search-words.ts';
import { leanLines } from '../../models/stream.ts';
import { draftsOfChange } from '../../queues/effects.ts';
import type { Rehearsal } from '../../workflows/bulk/rehearse.ts';
import type { OrderState } from '../../workflows/words/state.ts';
import { type Applications, applyAll, type Verdict } from '../machine/apply-all.ts';
import type { Context } from '../machine/context.ts';
import { exportAll } from '../machine/drain.ts';
import { type Ending, type Endings, outcomeLeft, workOf } from './left.ts';

interface Looking extends Writing {
  forked: ReadonlySet<string>;
}

export interface Writing {
  operation: Operation;
  page: Page;
  judge: (order: Order) => Rehearsal;
}

/** What it comes to for one order, and the values that would be written over. */
type Found = Verdict<Order, Ending> & { before?: Before };

/** What became of each; an item that a cancelled operation may no longer write is left out. */
export async function writeItems(items: readonly Item[], writing: Writing, context: Context): Promise<Endings> {
  const itemOf = new Map(items.map((item) => [item.order, item]));
  const forked = new Set<string>();
  const applications: Applications<Order, Ending, Found> = {
    stream: context.models.orders,
    async read(ids) {
      const some = await readAll(ids, { ...writing, itemOf }, context);
      for (const stream of some.forked) forked.add(stream);
      return some.reads;
    },
    judge: (id, read) => look(itemOf.get(id) as Item, read, { ...writing, forked }, context),
    prepare: (changing) => storeBefore(changing, writing, context),
    failed,
    draining: { patient: true },
  };
  const { endings, lost } = await applyAll([...itemOf.keys()], applications, context);
  for (const order of lost) {
    endings.set(order, { outcome: 'conflict', code: 'version_changed', message: 'Others kept writing first.' });
  }
  return endings;
}

/** Lean, save those of which more lines are not in the audit yet, or on which we may have been before. */
async function readAll(
  ids: readonly string[],
  { operation, itemOf }: Writing & { itemOf: ReadonlyMap<string, Item> },
  context: Context,
) {
  const { orders } = context.models;
  const lean = await orders.lean(ids);
  const isEnough = ({ _id, version, exported, applied }: Order) =>
    version - exported <= leanLines &&
    version - (itemOf.get(_id)?.version ?? 0) < appliedKept &&
    !applied.includes(workOf(operation._id, _id));
  const rest = await Promise.all(lean.filter((read) => !isEnough(read)).map(({ _id }) => orders.get(_id)));
  const whole = rest.flatMap((read) => (read ? [read] : []));
  const reads = [...lean.filter(isEnough), ...whole];
  // A quiet commit says that every line before it is in the audit: so they are put there first.
  const behind = reads.filter(({ version, exported }) => exported < version);
  const forked = await exportAll(orders, behind, context);
  return { reads: new Map(reads.map((read) => [read._id, read])), forked };
}

/** Every so many versions a commit is drained as usual, which also trims the history. */
const loudEvery = 25;

/** Nothing to be done elsewhere, and nothing that is left from before. */
const isQuiet = ({ outbox, outboxDueAt, version }: Order, effects: readonly unknown[]): boolean =>
  effects.length === 0 && outbox.length === 0 && !outboxDueAt && (version + 1) % loudEvery !== 0;

async function look(item: Item, read: Order | undefined, writing: Looking, context: Context): Promise<Found> {
  const { operation, judge } = writing;
  if (!read) return { ending: { outcome: 'refused', code: 'order_not_found' } };
  const left = await outcomeLeft(operation, read, context);
  if (left) return { ending: left };
  if (read.fences?.includes(operation._id)) return {};
  try {
    return prepare(item, read, { ...writing, is: judge(read) }, context);
  } catch (error) {
    return { ending: failed(error) };
  }
}

function prepare(
  item: Item,
  read: Order,
  { operation, is, forked }: Looking & { is: Rehearsal },
  context: Context,
): Found {
  const isForked = forked.has(context.models.orders.streamOf(read._id));
  if (is.verdict !== 'will_change') {
    const { rule: code, message } = is;
    if (code === 'value_moved') return { ending: { outcome: 'conflict', code, message } };
    const said = refusal(operation, read, { code, message }, context);
    const change = { ...said, quiet: !isForked && isQuiet(read, []) };
    return { change, ending: ({ version: line }) => ({ outcome: is.verdict, code, message, line }) };
  }
  if (item.outcome === undefined && item.guard !== undefined && item.guard !== is.guard) {
    const message = 'What would be written over is no longer what the plan showed.';
    return { ending: { outcome: 'conflict', code: 'plan_changed', message } };
  }
  const { state, events } = is.change;
  const { agency, account, version, _id } = read;
  const { actor, requestId } = operation;
  const origin = { actor, cause: 'worker' as const, agency, account, ...(requestId !== undefined && { requestId }) };
  const drafts = draftsOfChange(is.change, _id, origin);
  const change: Change = {
    ...{ ...common(operation, context), quiet: !isForked && isQuiet(read, drafts) },
    entry: {
      ...entryOf(operation, read, context),
      action: is.command.type,
      outcome: 'done',
      events: events.map(plain),
    },
    effects: drafts,
    set: { state, ...(isListedOtherwise(read.state, state) && listedAs(_id, state)) },
  };
  return {
    ...{ change, ending: ({ version: line }) => ({ outcome: 'updated', line }) },
    ...(operation.action && { before: { order: _id, version, fields: is.changes } }),
  };
}

/** Most bulk changes leave what an order is found by as it is; to fold it anew for each would cost as much as the rest. */
const isListedOtherwise = (was: OrderState, now: OrderState): boolean =>
  was.title !== now.title || was.client !== now.client || was.tags !== now.tags || was.reference !== now.reference;

const plain = (event: object): Record<string, unknown> => ({ ...event });

function refusal(operation: Operation, read: Order, said: { code: string; message: string }, context: Context): Change {
  const entry = { ...entryOf(operation, read, context), action: operation.command, outcome: 'refused' as const };
  return { ...common(operation, context), entry: { ...entry, ...said, events: [] }, effects: [] };
}

function entryOf({ _id, actor, reason }: Operation, read: Order, { business }: Context) {
  return { at: business.now(), work: workOf(_id, read._id), actor, cause: 'bulk' as const, reason };
}

/** The fence of a cancelled operation is part of the filter: a write that comes too late matches nothing. */
function common({ _id }: Operation, { clock }: Context): Pick<Change, 'dueAt' | 'provided'> {
  return { dueAt: after(clock.now(), lease), provided: { fences: { $ne: _id } } };
}

/** Before anything is written, so that whatever was written can be undone. */
async function storeBefore(
  changing: readonly Found[],
  { operation, page }: Writing,
  { models }: Context,
): Promise<void> {
  const entries = changing.flatMap(({ before }) => (before ? [before] : []));
  if (entries.length === 0) return;
  const id = hashOf(entries.map(({ order, version }) => [order, version])).slice(0, 24);
  await models.bulkItems.addBefore(operation._id, page.n, { id, entries, expireAt: page.expireAt });
}

/** A fault of one order stops none of the others; it is told, and can be tried again. */
function failed(error: unknown): Ending {
  const code = error instanceof Refusal ? error.code : 'fault';
  return { outcome: 'failed', code, message: error instanceof Error ? clip(error.message, 300) : String(error) };
}

/**
 * Items of an operation written to their orders: one command each, decided by the same rule as a single one, and all
 * written together. Whatever comes twice finds the operation's work id on the order and takes the outcome it left.
 */
import { LostRace, Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import { after } from '../../kernel/time.ts';
import { lease } from '../../kernel/work.ts';
import type { Change, Commit } from '../../models/aggregate.ts';
import type { Before, Item, Page } from '../../models/bulk-items.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import type { Order } from '../../models/order.ts';
import { leanLines } from '../../models/stream.ts';
import { draftsOfChange } from '../../queues/effects.ts';
import { conflicts } from '../../runtime/metrics.ts';
import type { Rehearsal } from '../../workflows/bulk/rehearse.ts';
import type { Context } from '../machine/context.ts';
import { drainAll } from '../machine/drain.ts';
import { type Ending, type Endings, outcomeLeft, workOf } from './left.ts';

interface Looking extends Writing {
  forked: ReadonlySet<string>;
}

export interface Writing {
  operation: Operation;
  page: Page;
  judge: (order: Order) => Rehearsal;
}

const rereads = 5;

/** What became of each; an item that a cancelled operation may no longer write is left out. */
export async function writeItems(items: readonly Item[], writing: Writing, context: Context): Promise<Endings> {
  const endings: Endings = new Map();
  let open = items;
  for (let round = 1; open.length > 0 && round <= rereads; round += 1) {
    open = await writeOnce(open, { ...writing, endings }, context);
    if (open.length > 0) conflicts.inc({ aggregate: 'order' }, open.length);
  }
  for (const { order } of open) {
    endings.set(order, { outcome: 'conflict', code: 'version_changed', message: 'Others kept writing first.' });
  }
  return endings;
}

interface Prepared {
  item: Item;
  commit: Commit<Order>;
  before?: Before;
  ending: Ending;
}

/** Resolves to the items whose order was written by somebody else in between. */
async function writeOnce(
  items: readonly Item[],
  { endings, ...writing }: Writing & { endings: Endings },
  context: Context,
): Promise<Item[]> {
  const prepared: Prepared[] = [];
  for (const some of slices(items)) {
    const { reads, forked } = await readAll(some, writing, context);
    for (const item of some) {
      const found = await look(item, reads.get(item.order), { ...writing, forked }, context);
      if ('commit' in found) prepared.push(found);
      else if (found.ending) endings.set(item.order, found.ending);
    }
  }
  await storeBefore(prepared, writing, context);
  const lost: Item[] = [];
  for (const some of slices(prepared)) lost.push(...(await commitAll(some, endings, context)));
  return lost;
}

async function commitAll(prepared: Prepared[], endings: Endings, context: Context): Promise<Item[]> {
  const { orders } = context.models;
  const written = await orders.commitAll(prepared.map(({ commit }) => commit));
  const won = written.filter((one): one is Order => !(one instanceof Error));
  await drainAll(orders, won, context);
  const lost: Item[] = [];
  for (const [index, { item, ending }] of prepared.entries()) {
    const one = written[index];
    if (one instanceof LostRace) lost.push(item);
    else if (one instanceof Error) endings.set(item.order, failed(one));
    else endings.set(item.order, { ...ending, line: one?.version });
  }
  return lost;
}

/** So many orders are read or written in one command: others get their turn in between. */
const atOnce = 50;

function slices<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / atOnce) }, (_, n) => all.slice(n * atOnce, (n + 1) * atOnce));
}

/** Lean, save those of which more lines are not in the audit yet, or on which we may have been before. */
async function readAll(items: readonly Item[], { operation }: Writing, context: Context) {
  const { orders } = context.models;
  const lean = await orders.lean(items.map(({ order }) => order));
  const versions = new Map(items.map(({ order, version }) => [order, version]));
  const isEnough = ({ _id, version, exported, applied }: Order) =>
    version - exported <= leanLines &&
    version - (versions.get(_id) ?? 0) < appliedKept &&
    !applied.includes(workOf(operation._id, _id));
  const rest = await Promise.all(lean.filter((read) => !isEnough(read)).map(({ _id }) => orders.get(_id)));
  const whole = rest.flatMap((read) => (read ? [read] : []));
  const reads = [...lean.filter(isEnough), ...whole];
  const forked = await exportBacklog(reads, context);
  return { reads: new Map(reads.map((read) => [read._id, read])), forked };
}

/**
 * A quiet commit says that every line before it is in the audit: so they are put there first. Resolves to the streams of
 * which the audit has other lines; those are drained as usual, which leaves them for people to look at.
 */
async function exportBacklog(reads: readonly Order[], { models: { orders }, log }: Context): Promise<Set<string>> {
  const forked = await orders.exportAll(reads.filter(({ version, exported }) => exported < version));
  for (const { _id, hash } of forked) {
    log.error({ line: _id, hash }, 'the audit holds another line here: history was changed or has forked');
  }
  return new Set(forked.map(({ stream }) => stream));
}

/** An id that was applied since the plan is still among the last hundred. */
const appliedKept = 100;

/** Every so many versions a commit is drained as usual, which also trims the history. */
const loudEvery = 25;

/** Nothing to be done elsewhere, and nothing that is left from before. */
const isQuiet = ({ outbox, outboxDueAt, version }: Order, effects: readonly unknown[]): boolean =>
  effects.length === 0 && outbox.length === 0 && !outboxDueAt && (version + 1) % loudEvery !== 0;

type Found = Prepared | { ending?: Ending };

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
    const commit = { read, change: { ...said, quiet: !isForked && isQuiet(read, []) } };
    return { item, commit, ending: { outcome: is.verdict, code, message } };
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
    set: { state },
  };
  return {
    ...{ item, commit: { read, change }, ending: { outcome: 'updated' } },
    ...(operation.action && { before: { order: _id, version, fields: is.changes } }),
  };
}

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
async function storeBefore(prepared: Prepared[], { operation, page }: Writing, { models }: Context): Promise<void> {
  const entries = prepared.flatMap(({ before }) => (before ? [before] : []));
  if (entries.length === 0) return;
  const id = hashOf(entries.map(({ order, version }) => [order, version])).slice(0, 24);
  await models.bulkItems.addBefore(operation._id, page.n, { id, entries, expireAt: page.expireAt });
}

/** A fault of one order stops none of the others; it is told, and can be tried again. */
function failed(error: unknown): Ending {
  const code = error instanceof Refusal ? error.code : 'fault';
  return { outcome: 'failed', code, message: error instanceof Error ? error.message.slice(0, 300) : String(error) };
}

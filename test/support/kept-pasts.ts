/** Random pasts in the database, as the workers would have left them, and what analytics makes of them. */
import { chain, genesis, type HistoryLine } from '../../kernel/history.ts';
import type { Models } from '../../models/open.ts';
import { analyticsWorker } from '../../workers/analytics.ts';
import type { Context } from '../../workers/machine/context.ts';
import type { Past, PastLine } from './pasts.ts';

/** Fewer than the workers keep, so that much is only in the audit. */
export const historyKept = 10;

/** Delivers the item that brings the order's spans up to date. */
export async function recordSpans({ id: order }: Past, context: Context): Promise<void> {
  await analyticsWorker.handlers['span']?.({ order } as never, {} as never, context, AbortSignal.timeout(60_000));
}

/** Puts an order with this past into the database. */
export async function keep({ orders, audit }: Pick<Models, 'orders' | 'audit'>, past: Past): Promise<void> {
  const { id: _id, agency, account } = past;
  const lines = chained(past.lines);
  const version = lines.length;
  const envelope = { version, applied: [], head: lines.at(-1)?.hash, exported: version, outbox: [] };
  await audit.add(orders.streamOf(_id), lines);
  const document = { _id, ...envelope, history: lines.slice(-historyKept), agency, account, state: past.states.at(-1) };
  await orders.model.collection.replaceOne({ _id: _id as never }, document as never, { upsert: true });
}

const chained = (lines: readonly PastLine[]): HistoryLine[] =>
  lines.reduce<HistoryLine[]>((all, { seq, ...entry }) => {
    all.push(chain(entry, seq, all.at(-1)?.hash ?? genesis));
    return all;
  }, []);

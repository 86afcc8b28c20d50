/** What must hold when everything has run dry, whatever happened on the way. Each finding names the invariant it breaks. */
import { genesis, type HistoryLine, isIntact } from '../../kernel/history.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { AuditLine } from '../../models/audit.ts';
import type { Models } from '../../models/open.ts';
import type { Order } from '../../models/order.ts';
import { type Ledger, limit } from './toy.ts';

interface Seen {
  accepted: Set<string>;
  ledger: Ledger;
}

export async function check(models: Models, { accepted, ledger }: Seen): Promise<string[]> {
  const items = await all<WorkItem>(models.work.model);
  const orders = await all<Order>(models.orders.model);
  const lines = await all<AuditLine>(models.audit.model);
  const byId = new Map(items.map((item) => [item._id, item]));
  const faults: string[] = [];

  for (const id of accepted) if (!byId.has(id)) faults.push(`lost: ${id} was accepted and is gone`);
  for (const { _id, state, phase } of items)
    if (state === 'open') faults.push(`stuck: ${_id} is still open (${phase})`);
  for (const { _id, state } of items) if (state === 'dead') faults.push(`dead: ${_id}`);
  for (const item of items.filter(({ kind, state }) => kind === 'command' && state !== 'open')) {
    const mine = lines.filter(({ work }) => work === item._id);
    if (mine.length !== 1)
      faults.push(`${mine.length === 0 ? 'lost' : 'duplicate'}: ${item._id} has ${mine.length} lines of history`);
    if (mine[0] && item.state !== mine[0].outcome)
      faults.push(`outcome: ${item._id} is ${item.state}, its line says ${mine[0].outcome}`);
  }
  for (const { _id, kind, state } of items) {
    if (kind === 'send' && state === 'done' && !ledger.letters.has(_id))
      faults.push(`lost: the letter ${_id} was never sent`);
  }
  for (const id of ledger.early) faults.push(`early: the letter ${id} was sent before its time`);
  for (const order of orders) faults.push(...checkOrder(order, lines, byId));
  return faults;
}

function checkOrder(order: Order, lines: AuditLine[], items: Map<string, WorkItem>): string[] {
  const faults: string[] = [];
  const mine = lines.filter(({ stream }) => stream === `order.${order._id}`).sort((a, b) => a.seq - b.seq);
  if (mine.length !== order.version)
    faults.push(`gap: ${order._id} is at version ${order.version} with ${mine.length} audit lines`);
  mine.reduce((prev, line, index) => {
    if (line.seq !== index + 1 || line.prev !== prev || !isIntact(chained(line)))
      faults.push(`chain: ${order._id} breaks at line ${index + 1}`);
    return line.hash;
  }, genesis);
  const added = mine.filter(({ outcome }) => outcome === 'done');
  const total = added.reduce((sum, { events }) => sum + Number(events[0]?.['amount'] ?? 0), 0);
  const { total: kept } = order.state as unknown as { total: number };
  if (total !== kept) faults.push(`duplicate: ${order._id} counts ${kept}, its history ${total}`);
  if (kept > limit) faults.push(`rule: ${order._id} counts ${kept}, the limit is ${limit}`);
  if (order.outbox.length > 0 || order.outboxDueAt) faults.push(`outbox: ${order._id} is not drained`);
  for (const line of added) {
    const letter = items.get(`${order._id}-${line.seq}-0`);
    if (!letter) faults.push(`lost: version ${line.seq} of ${order._id} asked for a letter that is not there`);
  }
  return faults;
}

async function all<T>(model: {
  collection: { find: (filter: object) => { toArray: () => Promise<unknown> } };
}): Promise<T[]> {
  return (await model.collection.find({}).toArray()) as T[];
}

/** The line as it was chained: the audit adds its own keys. */
function chained({ _id, stream, ...line }: AuditLine): HistoryLine {
  return line;
}

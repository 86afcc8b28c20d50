/**
 * What must hold when a trial has come to rest, whatever was done to it: always the same checks, from three sides. What
 * clients were promised (acked), what the database says, what the world outside received (the ledger).
 */
import { genesis, type HistoryLine, isIntact } from '../../kernel/history.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Envelope } from '../../models/aggregate.ts';
import type { AuditLine } from '../../models/audit.ts';
import type { Dispatch } from '../../models/dispatch.ts';
import type { Link } from '../../models/link.ts';
import type { Order } from '../../models/order.ts';
import { workflowFor } from '../../workflows/index.ts';
import type { Finding, FindingKind } from './finding.ts';
import { findLeaks } from './leaks.ts';
import { findOrphans } from './orphans.ts';
import type { World } from './world.ts';

const finding = (kind: FindingKind, what: string): Finding => ({ kind, what });

export async function check(world: World): Promise<Finding[]> {
  const { models } = world;
  const items = await all<WorkItem>(models.work.model);
  const lines = groupBy(await all<AuditLine>(models.audit.model), ({ stream }) => stream);
  const orders = await all<Order>(models.orders.model);
  const links = await all<Link>(models.links.model);
  const approvals = await all<Envelope>(models.approvals.model);
  const dispatches = await all<Dispatch>(models.dispatches.model);
  const streams = [
    ...dispatches.map((read) => ({ read, name: models.dispatches.streamOf(read._id) })),
    ...orders.map((read) => ({ read, name: models.orders.streamOf(read._id) })),
    ...links.map((read) => ({ read, name: models.links.streamOf(read._id) })),
    ...approvals.map((read) => ({ read, name: models.approvals.streamOf(read._id) })),
  ];
  const byId = new Map(items.map((item) => [item._id, item]));
  return [
    ...promises(world, byId, lines),
    ...streams.flatMap(({ read, name }) => history(read, name, lines.get(name) ?? [])),
    ...effects(orders, items, lines),
    ...[...links, ...approvals].flatMap(({ _id }) => children(_id, byId)),
    ...letters(world, items),
    ...answers(dispatches, items),
    ...unfinished(
      items,
      streams.map(({ read }) => read),
    ),
    ...(await findOrphans(world)),
    ...(await findLeaks(world)),
  ];
}

/** What was answered with 202 is there, has ended, and left exactly one line of history. */
function promises({ load }: World, items: Map<string, WorkItem>, lines: Map<string, AuditLine[]>): Finding[] {
  const found: Finding[] = [];
  const jobs = new Map<string, string>();
  for (const { key, job, order } of load.acked.entries) {
    const known = jobs.get(key);
    if (known !== undefined && known !== job)
      found.push(finding('duplicate', `key ${key} was accepted as ${known} and as ${job}`));
    if (known === job) continue;
    jobs.set(key, job);
    const item = items.get(job);
    const mine = (lines.get(`order.${order}`) ?? []).filter(({ work }) => work === job);
    if (!item) found.push(finding('lost', `${job} was answered with 202 and is not there`));
    else if (item.state === 'done' && mine.length === 0)
      found.push(finding('lost', `${job} is done and left no line in order ${order}`));
    if (mine.length > 1) {
      const at = mine.map(({ seq }) => seq).join(' and ');
      found.push(finding('duplicate', `${job} was applied ${mine.length} times to order ${order}, as lines ${at}`));
    }
  }
  return found;
}

/** Lines 1 to n, each chained to the one before, in the audit and in the document alike. */
function history({ _id, version, head, history: kept }: Envelope, name: string, lines: AuditLine[]): Finding[] {
  const found: Finding[] = [];
  const sorted = [...lines].sort((a, b) => a.seq - b.seq);
  if (sorted.length !== version)
    found.push(finding('gap', `${name} is at version ${version} with ${sorted.length} lines in the audit`));
  let prev = genesis;
  for (const [index, line] of sorted.entries()) {
    if (line.seq !== index + 1 || line.prev !== prev || !isIntact(chained(line))) {
      found.push(finding('gap', `the chain of ${name} breaks at line ${line.seq}`));
      break;
    }
    prev = line.hash;
  }
  if (sorted.length === version && prev !== head) found.push(finding('gap', `${name} does not end with its last line`));
  for (const [seq, twins] of groupBy(kept, (line) => line.seq)) {
    if (twins.length < 2) continue;
    const works = twins.map(({ work }) => work).join(' and ');
    found.push(finding('duplicate', `${_id} committed version ${seq} ${twins.length} times: ${works}`));
  }
  for (const [work, twins] of groupBy(kept, (line) => line.work)) {
    if (twins.length < 2) continue;
    found.push(finding('duplicate', `${_id} applied ${work} ${twins.length} times`));
  }
  return found;
}

/** Each time history says that a link or an approval is asked for, there is one work item that makes it. */
function effects(orders: Order[], items: WorkItem[], lines: Map<string, AuditLine[]>): Finding[] {
  const asked = groupBy(
    items.filter(({ queue }) => queue === 'onboarding'),
    ({ order }) => order ?? '',
  );
  return orders.flatMap(({ _id, state }) => {
    const { stages } = workflowFor(state.product, state.workflowVersion);
    const askers = new Set(stages.filter(({ gate }) => gate === 'form' || gate === 'approval').map(({ key }) => key));
    const events = (lines.get(`order.${_id}`) ?? []).flatMap((line) => line.events);
    const wanted = events.filter(
      ({ type, stage }) => type === 'link-requested' || (type === 'stage-entered' && askers.has(String(stage))),
    ).length;
    const is = asked.get(_id)?.length ?? 0;
    if (is === wanted) return [];
    return [
      finding(
        is < wanted ? 'lost' : 'duplicate',
        `order ${_id} asked for ${wanted} links and approvals; there are ${is}`,
      ),
    ];
  });
}

/** A link or an approval was made with a letter and a command to its order. */
function children(id: string, items: Map<string, WorkItem>): Finding[] {
  return [0, 1]
    .filter((index) => !items.has(`${id}-1-${index}`))
    .map((index) => finding('lost', `${id} asked for ${id}-1-${index}, which is not there`));
}

/** What counts as sent was received, and nothing was received that nobody asked for; repeats carry one key. */
function letters({ mailbox }: World, items: WorkItem[]): Finding[] {
  const received = new Set(mailbox.ledger.entries.map(({ key }) => key.slice(0, key.lastIndexOf('@'))));
  const sends = new Map(items.filter(({ queue }) => queue === 'notifications').map((item) => [item._id, item]));
  const found = [...sends.values()]
    .filter((item) => countsAsSent(item) && !received.has(item._id))
    .map(({ _id }) => finding('lost', `letter ${_id} counts as sent and was never received`));
  for (const key of received)
    if (!sends.has(key)) found.push(finding('duplicate', `letter ${key} was received and belongs to nothing`));
  const subjectOf = ({ payload }: WorkItem) => payload['link'] ?? payload['approval'];
  const about = [...sends.values()].filter((item) => subjectOf(item) !== undefined);
  const subjects = groupBy(about, (item) => String(subjectOf(item)));
  for (const [subject, twins] of subjects) {
    if (twins.length > 1) found.push(finding('duplicate', `${subject} was mailed under ${twins.length} keys`));
  }
  return found;
}

/** Alerts and the like are settled in the same queue without any mail. */
const countsAsSent = ({ kind, state, outcome }: WorkItem): boolean =>
  state === 'done' && (kind === 'send' || outcome?.result?.['notification'] !== undefined);

/** A dispatch that has ended told its order so, once. */
function answers(dispatches: Dispatch[], items: WorkItem[]): Finding[] {
  const told = groupBy(
    items.filter(({ payload }) => (payload['command'] as { type?: string } | undefined)?.type === 'record-answer'),
    ({ payload }) => String((payload['command'] as { dispatch: string }).dispatch),
  );
  const ended: Dispatch['status'][] = ['done', 'failed', 'unknown'];
  return dispatches.flatMap(({ _id, status }) => {
    const count = told.get(_id)?.length ?? 0;
    const wanted = ended.includes(status) ? 1 : 0;
    // One that went to a person may be answered after all, and then its order hears of it again.
    if (count === wanted || (count === 2 && status !== 'unknown')) return [];
    const kind = count < wanted ? 'lost' : 'duplicate';
    return [finding(kind, `dispatch ${_id} is ${status} and told its order ${count} times`)];
  });
}

function unfinished(items: WorkItem[], documents: Envelope[]): Finding[] {
  const now = performance.timeOrigin + performance.now();
  return [
    ...items
      .filter(({ state, runAt }) => state === 'open' && runAt.getTime() <= now)
      .map(({ _id, phase }) => finding('stuck', `${_id} is still open (${phase})`)),
    ...items
      .filter(({ state }) => state === 'dead')
      .map(({ _id, failure }) => finding('dead', `${_id}: ${failure?.message}`)),
    ...documents
      .filter(({ outbox, outboxDueAt }) => outbox.length > 0 || outboxDueAt)
      .map(({ _id }) => finding('stuck', `the outbox of ${_id} is not empty`)),
  ];
}

/** The line as it was chained: the audit adds its own keys. */
function chained({ _id, stream, ...line }: AuditLine): HistoryLine {
  return line;
}

function groupBy<T, K>(values: T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

async function all<T>({
  collection,
}: {
  collection: { find: (filter: object) => { toArray: () => Promise<unknown> } };
}) {
  return (await collection.find({}).toArray()) as T[];
}

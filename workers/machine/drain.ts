/**
 * The second half of a commit: finished lines into the audit, effects into work items, nudges, and only then out of the
 * outbox. It may run twice or stop anywhere: natural ids make every step harmless when repeated.
 */
import { lease, openWork, type WorkDraft, type WorkItem, type WorkPhase } from '../../kernel/work.ts';
import type { Envelope } from '../../models/aggregate.ts';
import type { Stream } from '../../models/stream.ts';
import { nudgeIfPossible, phaseFor } from '../../queues/accept.ts';
import { queues } from '../../queues/index.ts';
import type { Context } from './context.ts';

/** `parent` is the item whose commit is drained: its slot in the window passes to one child in the same queue. */
export async function drain<D extends Envelope>(
  stream: Stream<D>,
  read: D,
  context: Context,
  parent?: WorkItem,
): Promise<void> {
  const { work } = context.models;
  const begun = context.clock.now();
  const items = await placeAll(read.outbox, context, parent);
  // Somebody else may have drained meanwhile, and the items may have been settled and expired: too late to insert.
  if (context.clock.now().getTime() - begun.getTime() > lease) return;
  const [forked] = await Promise.all([stream.exportHistory(read), work.insertMany(items)]);
  for (const { _id, hash } of forked) {
    context.log.error({ line: _id, hash }, 'the audit holds another line here: history was changed or has forked');
  }
  await Promise.all(items.map((item) => nudgeIfPossible(item, context.nudger)));
  await stream.finish(read, { exported: forked.length === 0 });
}

/**
 * The same for many that one chunk has committed: their effects wait for their turn among everybody's. Each carries the
 * lines that are not in the audit yet. After a quiet commit that is all.
 */
export async function drainAll<D extends Envelope>(stream: Stream<D>, reads: D[], context: Context): Promise<void> {
  const begun = context.clock.now();
  const forked = await stream.exportAll(reads);
  for (const { _id, hash } of forked) {
    context.log.error({ line: _id, hash }, 'the audit holds another line here: history was changed or has forked');
  }
  const items = reads.flatMap(({ outbox }) => outbox.map((draft) => openWork(draft, 'ready', context.clock.now())));
  if (context.clock.now().getTime() - begun.getTime() > lease) return;
  await context.models.work.insertMany(items);
  const bad = new Set(forked.map((line) => line.stream));
  const loud = reads.filter(({ outboxDueAt }) => outboxDueAt);
  await stream.finishAll(loud.map((read) => ({ read, exported: !bad.has(stream.streamOf(read._id)) })));
}

async function placeAll(drafts: WorkDraft[], context: Context, parent?: WorkItem): Promise<WorkItem[]> {
  const { models, nudger, clock } = context;
  const phases = new Map<string, WorkPhase>();
  let slot = parent !== undefined;
  const items: WorkItem[] = [];
  for (const draft of drafts) {
    const inherits = slot && draft.queue === parent?.queue;
    if (inherits) slot = false;
    const waits = draft.queue === parent?.queue || queues[draft.queue]?.patient;
    const phase = inherits ? 'nudged' : waits ? 'ready' : await phaseOf(draft);
    items.push(openWork(draft, phase, clock.now()));
  }
  return items;

  async function phaseOf(draft: WorkDraft): Promise<WorkPhase> {
    const known = phases.get(draft.queue) ?? (await phaseFor(draft, { work: models.work, nudger }));
    phases.set(draft.queue, known);
    return known;
  }
}

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

export interface Draining {
  /** The item whose commit is drained: its slot in the window passes to one child in the same queue. */
  parent?: WorkItem;
  /** Nobody waits for what many commits ask for: it takes its turn among everybody's. */
  patient?: boolean;
}

export function drain<D extends Envelope>(
  stream: Stream<D>,
  read: D,
  context: Context,
  draining: Draining = {},
): Promise<void> {
  return drainAll(stream, [read], context, draining);
}

/** Documents as they were written, each with the lines that are not in the audit yet. After a quiet commit that is all. */
export async function drainAll<D extends Envelope>(
  stream: Stream<D>,
  reads: readonly D[],
  context: Context,
  draining: Draining,
): Promise<void> {
  const { work } = context.models;
  const begun = context.clock.now();
  const drafts = reads.flatMap(({ outbox }) => outbox);
  const items = await placeAll(drafts, context, draining);
  // Somebody else may have drained meanwhile, and the items may have been settled and expired: too late to insert.
  if (context.clock.now().getTime() - begun.getTime() > lease) return;
  const [forked] = await Promise.all([exportAll(stream, reads, context), work.insertMany(items)]);
  await Promise.all(items.map((item) => nudgeIfPossible(item, context.nudger)));
  const loud = reads.filter(({ outboxDueAt }) => outboxDueAt || !draining.patient);
  await stream.finishAll(loud.map((read) => ({ read, exported: !forked.has(stream.streamOf(read._id)) })));
}

/** Resolves to the streams of which the audit has other lines: those stay as they are, for people to look at. */
export async function exportAll<D extends Envelope>(
  stream: Stream<D>,
  reads: readonly D[],
  { log }: Pick<Context, 'log'>,
): Promise<Set<string>> {
  const forked = await stream.exportAll(reads);
  for (const { _id, hash } of forked) {
    log.error({ line: _id, hash }, 'the audit holds another line here: history was changed or has forked');
  }
  return new Set(forked.map((line) => line.stream));
}

async function placeAll(
  drafts: readonly WorkDraft[],
  context: Context,
  { parent, patient = false }: Draining,
): Promise<WorkItem[]> {
  const { models, nudger, clock } = context;
  const phases = new Map<string, WorkPhase>();
  let slot = parent !== undefined;
  const items: WorkItem[] = [];
  for (const draft of drafts) {
    const inherits = slot && draft.queue === parent?.queue;
    if (inherits) slot = false;
    const waits = patient || draft.queue === parent?.queue || queues[draft.queue]?.patient;
    const phase = inherits ? 'nudged' : waits ? 'ready' : await phaseOf(draft);
    items.push(openWork(draft, phase, clock.now()));
  }
  return items;

  async function phaseOf(draft: WorkDraft): Promise<WorkPhase> {
    const turn = `${draft.queue} ${draft.account}`;
    const known = phases.get(turn) ?? (await phaseFor(draft, { work: models.work, nudger }));
    phases.set(turn, known);
    return known;
  }
}

/**
 * One work item applied to one aggregate: read, see whether it was applied before, decide, one conditional write, drain.
 * A refusal is that write too. However often this runs for an item, the aggregate changes once.
 */
import { LostRace, Refusal } from '../../kernel/errors.ts';
import type { HistoryLine } from '../../kernel/history.ts';
import { after } from '../../kernel/time.ts';
import { type EffectDraft, lease, type Outcome, type WorkItem } from '../../kernel/work.ts';
import type { Envelope } from '../../models/aggregate.ts';
import type { Stream } from '../../models/stream.ts';
import { conflicts } from '../../runtime/metrics.ts';
import type { Context } from './context.ts';
import { refused } from './define.ts';
import { drain } from './drain.ts';

/** What a rule decided: the fields to set, what happened (without personal data), and what must be done elsewhere. */
export interface Decision {
  set: Record<string, unknown>;
  events: Record<string, unknown>[];
  effects: EffectDraft[];
}

export interface Application<D extends Envelope> {
  stream: Stream<D>;
  id: string;
  item: WorkItem;
  action: string;
  /** The rule. Given undefined when the aggregate does not exist yet; throws a Refusal to say no. */
  decide: (read: D | undefined) => Decision;
}

const rereads = 5;

/** Throws LostRace when others keep writing first; then the queue's backoff spreads them out. */
export async function apply<D extends Envelope>(application: Application<D>, context: Context): Promise<Outcome> {
  for (let read = 1; ; read += 1) {
    try {
      return await applyOnce(application, context);
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      conflicts.inc({ aggregate: application.stream.name });
      if (read === rereads) throw error;
    }
  }
}

async function applyOnce<D extends Envelope>(application: Application<D>, context: Context): Promise<Outcome> {
  const { stream, id, item, decide } = application;
  const read = (await stream.get(id)) ?? undefined;
  const line = read && (await stream.lineOf(read, item._id));
  if (read && line) {
    await drain(stream, read, context, item);
    return outcomeOf(line, id);
  }
  const { decision, entry, outcome } = judge(application, context, () => {
    mustBeAt(item, read);
    return decide(read);
  });
  // A timer or check of our own that comes too late disturbs nobody: no line, no version.
  const idle = outcome.status === 'superseded' && item.actor.type === 'system';
  if (idle || (!read && outcome.status !== 'done')) return outcome;
  const dueAt = after(context.clock.now(), lease);
  const change = { entry, effects: decision?.effects ?? [], dueAt, ...(decision && { set: decision.set }) };
  const written = read ? await stream.commit(read, change) : await stream.create(id, change);
  const committed = await stream.lineOf(written, item._id);
  if (!committed) throw new LostRace(`${id} was created by another work item meanwhile.`);
  await drain(stream, written, context, item);
  return outcomeOf(committed, id);
}

function judge<D extends Envelope>({ id, item, action }: Application<D>, { business }: Context, rule: () => Decision) {
  const { _id: work, actor, cause, reason } = item;
  const entry = { at: business.now(), work, actor, cause, action, ...(reason !== undefined && { reason }) };
  try {
    const decision = rule();
    return {
      decision,
      entry: { ...entry, outcome: 'done' as const, events: decision.events },
      outcome: { status: 'done' as const, result: { id } },
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { errors, status = 'refused', code, message } = refused(error);
    return {
      decision: undefined,
      entry: { ...entry, outcome: status, code, message, events: [] },
      outcome: { status, code, message, ...(errors && { errors }) },
    };
  }
}

function mustBeAt({ expectedVersion }: WorkItem, read: Envelope | undefined): void {
  if (expectedVersion === undefined || read?.version === expectedVersion) return;
  throw new Refusal(
    'version_changed',
    `It was at version ${expectedVersion} when this was asked; it is at ${read?.version ?? 0} now.`,
  );
}

/** The outcome that a line recorded: the same answer for every delivery. */
function outcomeOf({ outcome, code, message, seq }: HistoryLine, id: string): Outcome {
  return { status: outcome, ...(code && { code, message }), result: { id, version: seq } };
}

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
import { applyAll, type Verdict } from './apply-all.ts';
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

/** Throws LostRace when others keep writing first; then the queue's backoff spreads them out. */
export async function apply<D extends Envelope>(application: Application<D>, context: Context): Promise<Outcome> {
  const { stream, id, item } = application;
  const draining = { parent: item };
  const read = async () => new Map(Object.entries({ [id]: await stream.get(id) }).filter(isThere));
  const judge = (_id: string, found: D | undefined) => judgeOne(application, found, context);
  const { endings } = await applyAll<D, Outcome, Verdict<D, Outcome>>([id], { stream, read, judge, draining }, context);
  const outcome = endings.get(id);
  if (!outcome) throw new LostRace(`Others kept writing ${id} first.`);
  return outcome;
}

const isThere = <D>(entry: [string, D | null]): entry is [string, D] => entry[1] !== null;

async function judgeOne<D extends Envelope>(
  application: Application<D>,
  read: D | undefined,
  context: Context,
): Promise<Verdict<D, Outcome>> {
  const { stream, id, item, decide } = application;
  const line = read && (await stream.lineOf(read, item._id));
  if (read && line) {
    await drain(stream, read, context, { parent: item });
    return { ending: outcomeOf(line, id) };
  }
  const { decision, entry, outcome } = decideOn(application, context, () => {
    mustBeAt(item, read);
    return decide(read);
  });
  // A timer or check of our own that comes too late disturbs nobody: no line, no version.
  const idle = outcome.status === 'superseded' && item.actor.type === 'system';
  if (idle || (!read && outcome.status !== 'done')) return { ending: outcome };
  const dueAt = after(context.clock.now(), lease);
  const change = { entry, effects: decision?.effects ?? [], dueAt, ...(decision && { set: decision.set }) };
  const ending = async (written: D) => {
    const left = await stream.lineOf(written, item._id);
    if (!left) throw new Error(`${id} was written without a line of ${item._id}.`);
    return outcomeOf(left, id);
  };
  return { change, ending };
}

function decideOn<D extends Envelope>(
  { id, item, action }: Application<D>,
  { business }: Context,
  rule: () => Decision,
) {
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

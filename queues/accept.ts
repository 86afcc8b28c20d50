/**
 * Acceptance: one insert, then a nudge that may fail. From here on the thing is never lost, whatever becomes of Redis or
 * of this process. The stores are handed in, so that this room stays free of the database.
 */
import { Refusal } from '../kernel/errors.ts';
import type { Clock } from '../kernel/time.ts';
import { bodyHashOf, openWork, type WorkDraft, type WorkItem, type WorkPhase } from '../kernel/work.ts';
import type { Nudger } from './nudger.ts';

export interface WorkPort {
  get(id: string): Promise<WorkItem | null>;
  insert(item: WorkItem): Promise<boolean>;
  hasRoom(queue: string, account: string): Promise<boolean>;
}

export interface Acceptance {
  item: WorkItem;
  /** True when the same thing had been accepted before. */
  replayed: boolean;
}

export interface AcceptancePorts {
  work: WorkPort;
  nudger: Pick<Nudger, 'isUp' | 'nudge'>;
  clock: Clock;
}

/** What the rule says of a draft before it is accepted. */
export interface Verdict {
  /** Undefined when it would agree. */
  refusal: Refusal | undefined;
  /** Whether the aggregate's history knows the item. */
  wasApplied: () => Promise<boolean>;
}

/** Throws `key_reused` when the id was taken by something else. */
export async function accept(draft: WorkDraft, ports: AcceptancePorts): Promise<Acceptance> {
  const { work, nudger, clock } = ports;
  const item = openWork(draft, await phaseFor(draft, ports), clock.now());
  if (await work.insert(item)) {
    await nudgeIfPossible(item, nudger);
    return { item, replayed: false };
  }
  const known = await work.get(item._id);
  if (known) requireSame(known, draft);
  return { item: known ?? item, replayed: true };
}

/**
 * Accepts a draft unless its rule would refuse it. A request that was accepted before is answered as that one, even
 * where the rule would refuse it by now; when its item has expired, the history still tells that it was applied.
 */
export async function acceptUnless(
  draft: WorkDraft,
  { refusal, wasApplied }: Verdict,
  ports: AcceptancePorts,
): Promise<Acceptance> {
  if (!refusal) return accept(draft, ports);
  const item = await ports.work.get(draft._id);
  if (item) {
    requireSame(item, draft);
    return { item, replayed: true };
  }
  if (!(await wasApplied())) throw refusal;
  return { ...(await accept(draft, ports)), replayed: true };
}

/** The refusal that `rule` throws; undefined when it throws none. A fault goes through. */
export function objectionOf(rule: () => unknown): Refusal | undefined {
  try {
    rule();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** Throws `key_reused` when what was accepted under the draft's id is another request. */
export function requireSame(known: WorkItem, draft: WorkDraft): void {
  if (known.bodyHash === bodyHashOf(draft)) return;
  throw new Refusal('key_reused', 'This Idempotency-Key was already used for a different request.');
}

/** Nudged at once when it is its account's turn anyway; else it is ready and the dispatcher takes it in turn. */
export async function phaseFor(
  { queue, account }: WorkDraft,
  { work, nudger }: Pick<AcceptancePorts, 'work' | 'nudger'>,
): Promise<WorkPhase> {
  return nudger.isUp() && (await work.hasRoom(queue, account)) ? 'nudged' : 'ready';
}

/** A nudge that cannot be given is no error: the lease runs out and the dispatcher gives the next. */
export async function nudgeIfPossible(item: WorkItem, nudger: Pick<Nudger, 'nudge'>): Promise<void> {
  if (item.phase === 'nudged') await nudger.nudge(item).catch(() => undefined);
}

/**
 * Acceptance: one insert, then a nudge that may fail. From here on the thing is never lost, whatever becomes of Redis or
 * of this process. The stores are handed in, so that this room stays free of the database.
 */
import { Refusal } from '../kernel/errors.ts';
import type { Clock } from '../kernel/time.ts';
import { openWork, type WorkDraft, type WorkItem, type WorkPhase } from '../kernel/work.ts';
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

interface Ports {
  work: WorkPort;
  nudger: Pick<Nudger, 'isUp' | 'nudge'>;
  clock: Clock;
}

/** Throws `key_reused` when the id was taken by something else. */
export async function accept(draft: WorkDraft, ports: Ports): Promise<Acceptance> {
  const { work, nudger, clock } = ports;
  const item = openWork(draft, await phaseFor(draft, ports), clock.now());
  if (await work.insert(item)) {
    await nudgeIfPossible(item, nudger);
    return { item, replayed: false };
  }
  const known = await work.get(item._id);
  if (known && known.bodyHash !== item.bodyHash) {
    throw new Refusal('key_reused', `The id of this request belongs to another ${known.kind} with another body.`);
  }
  return { item: known ?? item, replayed: true };
}

/** Nudged at once when it is its account's turn anyway; else it is ready and the dispatcher takes it in turn. */
export async function phaseFor(
  { queue, account }: WorkDraft,
  { work, nudger }: Pick<Ports, 'work' | 'nudger'>,
): Promise<WorkPhase> {
  return nudger.isUp() && (await work.hasRoom(queue, account)) ? 'nudged' : 'ready';
}

/** A nudge that cannot be given is no error: the lease runs out and the dispatcher gives the next. */
export async function nudgeIfPossible(item: WorkItem, nudger: Pick<Nudger, 'nudge'>): Promise<void> {
  if (item.phase === 'nudged') await nudger.nudge(item).catch(() => undefined);
}

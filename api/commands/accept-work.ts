/**
 * Accepts a work item unless its rule would refuse it. A request that was accepted before is answered as that one, even
 * where the rule would refuse it by now; when its item has expired, the history still tells that it was applied.
 */
import { Refusal } from '../../kernel/errors.ts';
import { openWork, type WorkDraft } from '../../kernel/work.ts';
import { type Acceptance, accept } from '../../queues/accept.ts';
import type { Dependencies } from '../context.ts';

export interface Verdict {
  /** What the rule would say now, or undefined when it would agree. */
  refusal: Refusal | undefined;
  /** Whether the aggregate's history knows the item. */
  wasApplied: () => Promise<boolean>;
}

export async function acceptUnless(
  draft: WorkDraft,
  { refusal, wasApplied }: Verdict,
  deps: Dependencies,
): Promise<Acceptance> {
  const { work } = deps.models;
  if (!refusal) return accept(draft, { ...deps, work });
  const item = await work.get(draft._id);
  if (item && item.bodyHash !== openWork(draft, 'ready', deps.clock.now()).bodyHash) {
    throw new Refusal('key_reused', 'This Idempotency-Key was already used for a different request.');
  }
  if (item) return { item, replayed: true };
  if (!(await wasApplied())) throw refusal;
  return { ...(await accept(draft, { ...deps, work })), replayed: true };
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

/**
 * Bulk operations, page by page: `plan` rehearses a page of orders, `chunk` carries one out, `close` closes what a
 * cancelled operation has left open. Each makes the next item of its lane, so that few are under way at a time however
 * many pages there are.
 */
import { z } from 'zod';
import type { Actor } from '../kernel/actor.ts';
import type { WorkDraft } from '../kernel/work.ts';
import { defineQueue, idempotent, pure } from './contract.ts';

const operation = z.string();
const page = z.int().min(0);

export const bulk = defineQueue(
  'bulk',
  {
    plan: pure(z.strictObject({ operation, page, after: z.string(), sampled: z.int() })),
    chunk: idempotent(z.strictObject({ operation, page, epoch: z.int() })),
    close: idempotent(z.strictObject({ operation, page })),
  },
  { attempts: 8, timeout: 120_000 },
);

/** How many pages of one operation are under way at a time. */
export const lanes = 4;

interface Origin {
  _id: string;
  agency: string;
  actor: Actor;
  requestId?: string;
}

export function planDraft(
  origin: Origin,
  page: number,
  { after, sampled }: { after: string; sampled: number },
): WorkDraft {
  const { _id: operation } = origin;
  return bulk.draft('plan', { operation, page, after, sampled }, turnOf(origin, `plan-${page}`));
}

export function chunkDraft(origin: Origin, page: number, epoch: number): WorkDraft {
  return bulk.draft('chunk', { operation: origin._id, page, epoch }, turnOf(origin, `${epoch}-${page}`));
}

export function closeDraft(origin: Origin, page: number): WorkDraft {
  return bulk.draft('close', { operation: origin._id, page }, turnOf(origin, `close-${page}`));
}

/** Its turn is the agency's, beside the accounts. */
function turnOf({ _id, agency, actor, requestId }: Origin, id: string) {
  const who = { actor, cause: 'bulk' as const, agency, account: agency };
  return { _id: `${_id}-${id}`, ...who, ...(requestId !== undefined && { requestId }) };
}

/**
 * Bulk operations, page by page: `plan` rehearses a page of orders, `chunk` carries one out, `close` closes what a
 * cancelled operation has left open. Each makes the next item of its lane, so that few are under way at a time however
 * many pages there are.
 */
import { z } from 'zod';
import type { Actor } from '../kernel/actor.ts';
import type { WorkDraft } from '../kernel/work.ts';
import { defineQueue } from './contract.ts';

const operation = z.string();
const page = z.int().min(0);

export const bulk = defineQueue(
  'bulk',
  {
    plan: z.strictObject({ operation, page, after: z.string(), sampled: z.int() }),
    chunk: z.strictObject({ operation, page, epoch: z.int() }),
    close: z.strictObject({ operation, page }),
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
  return draft(origin, 'plan', { id: `plan-${page}`, payload: { page, after, sampled } });
}

export function chunkDraft(origin: Origin, page: number, epoch: number): WorkDraft {
  return draft(origin, 'chunk', { id: `${epoch}-${page}`, payload: { page, epoch } });
}

export function closeDraft(origin: Origin, page: number): WorkDraft {
  return draft(origin, 'close', { id: `close-${page}`, payload: { page } });
}

/** Its turn is the agency's, beside the accounts. */
function draft(
  { _id: operation, agency, actor, requestId }: Origin,
  kind: keyof typeof bulk.jobs,
  { id, payload }: { id: string; payload: Record<string, unknown> },
): WorkDraft {
  return {
    ...{ _id: `${operation}-${id}`, queue: bulk.name, kind, schema: 1, payload: { operation, ...payload } },
    ...{ actor, cause: 'bulk', agency, account: agency, ...(requestId !== undefined && { requestId }) },
  };
}

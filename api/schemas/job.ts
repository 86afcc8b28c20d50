/** A job as callers see it: the work item, without its payload. */
import { z } from 'zod';
import type { WorkItem } from '../../kernel/work.ts';
import { iso, isoOrNone, time } from './wire.ts';

const fieldError = z.object({ pointer: z.string(), rule: z.string(), message: z.string() });

export const job = z
  .object({
    id: z.string(),
    kind: z.string().describe('The command, such as complete-stage.'),
    queue: z.string(),
    state: z.enum(['open', 'done', 'refused', 'superseded', 'dead', 'discarded']),
    phase: z.enum(['waiting', 'ready', 'nudged']).optional().describe('The phase of an open job.'),
    order: z.string().optional(),
    account: z.string(),
    createdAt: time,
    runAt: time,
    settledAt: time.optional(),
    outcome: z
      .object({
        status: z.enum(['done', 'refused', 'superseded']),
        code: z.string().optional(),
        message: z.string().optional(),
        errors: z.array(fieldError).optional(),
        result: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
      })
      .optional(),
    failure: z.object({ fingerprint: z.string(), at: time }).optional().describe('Why the job failed.'),
    links: z.object({ self: z.string(), order: z.string().optional() }),
  })
  .meta({ id: 'Job' });

export type JobView = z.infer<typeof job>;

const accepted = z
  .object({ job, order: z.object({ id: z.string() }) })
  .meta({ id: 'Accepted', description: 'Accepted. The job shows the outcome.' });

/** 200 when the outcome was waited for (`Prefer: wait=5`) and is there, else 202. */
export const accepting = { 200: accepted, 202: accepted };

const acceptedForAccount = z
  .object({ job, account: z.object({ id: z.string() }) })
  .meta({ id: 'AcceptedForAccount', description: 'Accepted for the account.' });

export const acceptingForAccount = { 200: acceptedForAccount, 202: acceptedForAccount };

export function viewOfJob(item: WorkItem): JobView {
  const { _id, queue, state, phase, order, account, createdAt, runAt, settledAt, outcome, failure } = item;
  return {
    ...{ id: _id, kind: kindOf(item), queue, state, order, account, outcome },
    ...(state === 'open' && { phase }),
    ...{ createdAt: iso(createdAt), runAt: iso(runAt), settledAt: isoOrNone(settledAt) },
    ...(failure && { failure: { fingerprint: failure.fingerprint, at: iso(failure.at) } }),
    links: { self: `/v1/jobs/${_id}`, ...(order !== undefined && { order: `/v1/admin/orders/${order}` }) },
  };
}

/** A setup item is called by its command: "command" says nothing. */
function kindOf({ kind, payload }: WorkItem): string {
  const command = payload['command'];
  return typeof command === 'object' && command && 'type' in command ? String(command.type) : kind;
}

/** Bulk operations as callers ask for them and see them. Filters are those of the list of orders, as JSON. */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import { bulkAction, lasting } from '../../workflows/bulk/action.ts';
import { type Counts, operationStatuses, outcomes, unconfirmed, verdicts } from '../../workflows/bulk/operation.ts';
import { requireSound } from '../../workflows/words/sound.ts';
import { filterQuery } from './order-query.ts';
import { id, iso, isoOrNone, reason, time } from './wire.ts';

export const mostIds = 100_000;

const agency = id.optional().describe('The agency whose orders to change; only for keys without an agency.');

export const planBody = z
  .strictObject({
    action: bulkAction,
    reason: reason.describe('The reason; recorded on every order that changes.'),
    agency,
    filter: filterQuery
      .extend({ order_inactivity: z.int().min(1).max(3_650).optional() })
      .optional()
      .describe('The orders that match now. Days of silence are counted from now on, and frozen.'),
    ids: z.array(id).min(1, 'Send at least one id.').max(mostIds, `Send at most ${mostIds} ids.`).optional(),
  })
  .refine(({ filter, ids }) => (filter === undefined) !== (ids === undefined), 'Send either filter or ids.');

/** Beside a CSV body there is no room for the rest. */
export const planQuery = z.strictObject({
  action: z
    .string()
    .max(4_000)
    .transform((text, context) => {
      try {
        const action: unknown = JSON.parse(text);
        requireSound(action, '/query/action');
        return action;
      } catch (error) {
        if (error instanceof Refusal) throw error;
        context.addIssue({ code: 'custom', message: 'Send the action as URL-encoded JSON.' });
        return z.NEVER;
      }
    })
    .pipe(bulkAction)
    .optional()
    .describe('Only with a CSV body: the action as JSON.'),
  reason: reason.optional().describe('Only with a CSV body.'),
  agency,
});

export const startBody = z.strictObject({
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'Send the hash of the plan.'),
  confirm: z
    .int()
    .optional()
    .describe(`The number of orders that will change; required if it is more than ${unconfirmed}.`),
});

export const verbBody = z.strictObject({ reason: reason.optional() }).nullish();

const number = z.int().min(0);
const tally = <Name extends string>(names: readonly Name[]) =>
  z.object(Object.fromEntries(names.map((name) => [name, number])) as Record<Name, typeof number>);

const plan = z.object({
  total: number.describe('How many orders were found.'),
  verdicts: tally(verdicts).describe('The result of the rehearsal.'),
  rules: z.array(z.object({ rule: z.string(), count: number })).describe('Why the other orders would not change.'),
  samples: z.array(
    z.object({
      order: z.string(),
      title: z.string().optional(),
      changes: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
    }),
  ),
  lasting: z.array(z.string()).describe('What an undo cannot reverse.'),
  undoable: z.boolean(),
  confirm: number.optional().describe('The number to send with the start, if confirmation is required.'),
  hash: z.string(),
  expiresAt: time,
});

const progress = z.object({
  total: number,
  done: number.describe('Items that have an outcome.'),
  ...tally([...outcomes, 'open']).shape,
  skipped: number.describe('Refused, not needed, cancelled, or in conflict.'),
  percent: number,
  perSecond: z.number().optional(),
  secondsLeft: number.optional(),
});

export const operation = z
  .object({
    id: z.string(),
    agency: z.string(),
    status: z.enum([...operationStatuses, 'expired']),
    action: z.union([bulkAction, z.object({ type: z.literal('undo'), of: z.string() })]),
    reason: z.string(),
    by: z.string(),
    createdAt: time,
    startedAt: time.optional(),
    endedAt: time.optional(),
    plan: plan.optional().describe('Absent while the plan is being made.'),
    progress: progress.optional(),
    undo: z.object({ until: time }).optional(),
    version: z.int(),
    links: z.object({ self: z.string(), result: z.string() }),
  })
  .meta({ id: 'BulkOperation' });

export type OperationView = z.infer<typeof operation>;

export function viewOfOperation(read: Operation, counts: Counts | undefined, now: Date): OperationView {
  const { _id, agency: of, status, action, selection, reason: why, actor, version } = read;
  const self = `/v1/bulk-operations/${_id}`;
  const isExpired = status === 'planned' && read.plan !== undefined && read.plan.expiresAt <= now;
  return {
    ...{ id: _id, agency: of, status: isExpired ? 'expired' : status, reason: why, by: actor.id, version },
    action: action ?? { type: 'undo', of: selection.by === 'undo' ? selection.of : '' },
    createdAt: iso(read.createdAt),
    ...{ startedAt: isoOrNone(read.startedAt), endedAt: isoOrNone(read.endedAt) },
    plan: planOf(read),
    progress: counts && progressOf(read, counts, now),
    undo: undoOf(read),
    links: { self, result: `${self}/result` },
  };
}

function planOf({ plan: made, action }: Operation): OperationView['plan'] {
  if (!made) return undefined;
  const { total, verdicts: said, rules, samples, hash, expiresAt } = made;
  const { all, what } = action ? lasting(action) : { all: true, what: [] };
  return {
    ...{ total, verdicts: said, samples, hash, expiresAt: iso(expiresAt) },
    rules: Object.entries(rules).map(([rule, count]) => ({ rule, count })),
    ...{ lasting: what, undoable: !all },
    ...(said.will_change > unconfirmed && { confirm: said.will_change }),
  };
}

function progressOf({ ran, runsSince }: Operation, counts: Counts, now: Date): OperationView['progress'] {
  const { open, updated, failed, no_op, refused, conflict, cancelled } = counts;
  const skipped = no_op + refused + conflict + cancelled;
  const done = skipped + updated + failed;
  const total = done + open;
  const seconds = (ran + (runsSince ? now.getTime() - runsSince.getTime() : 0)) / 1_000;
  const perSecond = seconds > 0 ? updated / seconds : 0;
  return {
    ...{ ...counts, total, done, skipped, percent: total === 0 ? 100 : Math.floor((100 * done) / total) },
    ...(perSecond > 0 && { perSecond: Math.round(perSecond * 10) / 10 }),
    ...(perSecond > 0 && runsSince && { secondsLeft: Math.ceil(open / perSecond) }),
  };
}

function undoOf({ undoUntil, action }: Operation): OperationView['undo'] {
  return undoUntil && action && !lasting(action).all ? { until: iso(undoUntil) } : undefined;
}

/**
 * The life of a bulk operation: planning → planned → running ⇄ paused → an end. What each verb needs, and what it makes
 * of the operation; pure, so that a person is told no before anything is written, by the rule that writes it.
 */
import { Refusal } from '../../kernel/errors.ts';
import { after, hours } from '../../kernel/time.ts';
import { undoLife } from '../words/closing.ts';

export const operationStatuses = [
  ...(['planning', 'planned', 'running', 'paused', 'cancelling'] as const),
  ...(['completed', 'completed_with_failures', 'failed', 'cancelled'] as const),
];
type OperationStatus = (typeof operationStatuses)[number];

export const verdicts = ['will_change', 'no_op', 'refused', 'conflict'] as const;
export type Verdict = (typeof verdicts)[number];

export const outcomes = ['updated', 'no_op', 'refused', 'conflict', 'failed', 'cancelled'] as const;
export type ItemOutcome = (typeof outcomes)[number];

/** How many items ended in each way; `open` have not yet. */
export type Counts = Record<ItemOutcome | 'open', number>;

/** More orders than this are only changed when somebody has typed their number. */
export const unconfirmed = 1_000;
export const planLife = hours(24);

export interface Progressing {
  status: OperationStatus;
  /** Counts the starts; a chunk of an older one has nothing left to do. */
  epoch: number;
  /** Items that failed or met a conflict before this epoch are open again. */
  reopen: number;
  plan?: { hash: string; total: number; verdicts: Record<Verdict, number>; expiresAt: Date };
  /** Milliseconds that it ran before the last pause, and since when it runs. */
  ran: number;
  runsSince?: Date | null;
  endedAt?: Date;
}

export interface Starting {
  now: Date;
  hash: string;
  confirm?: number | undefined;
  /** How many orders the filter matches by now; absent where ids were given. */
  matchesNow?: number | undefined;
}

export type Update = Partial<Progressing> & Record<string, unknown>;

export function start(operation: Progressing, { now, hash, confirm, matchesNow }: Starting): Update {
  const { status, plan } = operation;
  if (status === 'planning' || !plan) throw new Refusal('operation_not_planned', 'The plan is still being made.');
  if (status !== 'planned') throw new Refusal('operation_started', `The operation is ${status}.`);
  if (plan.expiresAt <= now) throw new Refusal('plan_expired', `The plan expired at ${plan.expiresAt.toISOString()}.`);
  if (hash !== plan.hash) throw new Refusal('plan_changed', 'The hash does not match the plan.');
  requireSameCount(plan.total, matchesNow);
  const { will_change: changing } = plan.verdicts;
  if (changing === 0) throw new Refusal('nothing_changed', 'No order would change.');
  if (changing > unconfirmed && confirm !== changing) {
    const message = `Enter the number of orders that will change: ${changing}.`;
    throw new Refusal('confirmation_required', message, [{ pointer: '/confirm', rule: 'not_the_number', message }]);
  }
  return { ...running(operation, now), startedAt: now };
}

/** One in a hundred may have come or gone since; the orders themselves are frozen. */
function requireSameCount(planned: number, matchesNow = planned): void {
  if (Math.abs(matchesNow - planned) <= planned / 100) return;
  throw new Refusal('plan_changed', `${planned} orders matched when it was planned; ${matchesNow} do now.`);
}

export function pause(operation: Progressing, now: Date): Update {
  if (operation.status !== 'running') throw notRunning(operation);
  return { status: 'paused', ...stopped(operation, now) };
}

export function resume(operation: Progressing, now: Date): Update {
  if (operation.status === 'paused') return running(operation, now);
  throw new Refusal('operation_not_paused', `The operation is ${operation.status}.`);
}

/** What has not been started is over at once; else the items that are still open are closed one by one. */
export function cancel(operation: Progressing, now: Date): Update {
  const { status, epoch } = operation;
  if (status === 'planning' || status === 'planned') return { status: 'cancelled', endedAt: now, active: null };
  if (status !== 'running' && status !== 'paused') throw new Refusal('operation_ended', `The operation is ${status}.`);
  return { status: 'cancelling', epoch: epoch + 1, ...stopped(operation, now) };
}

/** Items that failed or met a conflict are tried once more, on the orders as they are by now. */
export function retryFailed(operation: Progressing, counts: Counts, now: Date): Update {
  const { status, epoch } = operation;
  if (status !== 'completed_with_failures' && status !== 'failed') throw notEnded(operation);
  if (counts.failed + counts.conflict === 0)
    throw new Refusal('nothing_changed', 'Nothing failed that can be retried.');
  return { ...running(operation, now), reopen: epoch + 1 };
}

/** The end that the items' outcomes make. */
export function finish(operation: Progressing, counts: Counts, now: Date): Update {
  const { status } = operation;
  if (status !== 'running' && status !== 'cancelling') throw new Refusal('superseded', `The operation is ${status}.`);
  if (counts.open > 0) throw new Refusal('superseded', `${counts.open} items are open.`);
  const end = { status: endOf(operation, counts), endedAt: now, active: null, ...stopped(operation, now) };
  return counts.updated > 0 ? { ...end, undoUntil: after(now, undoLife) } : end;
}

/** Whoever cancels too late has cancelled nothing; what is so already by its turn needs no change. */
function endOf(operation: Progressing, counts: Counts): OperationStatus {
  if (counts.cancelled > 0) return 'cancelled';
  if (failuresIn(operation, counts) === 0) return 'completed';
  const alreadySo = counts.no_op - (operation.plan?.verdicts.no_op ?? 0);
  return counts.updated + alreadySo > 0 ? 'completed_with_failures' : 'failed';
}

/**
 * What the plan said would change and could not. What the rehearsal refused is no failure: nobody expected it to change;
 * nor are its conflicts, until a retry takes them up.
 */
function failuresIn({ plan, reopen }: Progressing, { failed, conflict, refused }: Counts): number {
  const expected = plan?.verdicts ?? { conflict: 0, refused: 0 };
  const known = reopen > 0 ? 0 : expected.conflict;
  return failed + Math.max(0, conflict - known) + Math.max(0, refused - expected.refused);
}

const ended: readonly OperationStatus[] = ['completed', 'completed_with_failures', 'failed', 'cancelled'];
const isEnded = ({ status }: Pick<Progressing, 'status'>): boolean => ended.includes(status);

export function requireUndoable(operation: Progressing & { undoUntil?: Date | undefined }, now: Date): void {
  if (!isEnded(operation)) throw notEnded(operation);
  if (!operation.undoUntil) throw new Refusal('not_undoable', 'It changed nothing.');
  if (operation.undoUntil > now) return;
  throw new Refusal('undo_expired', `It could be undone until ${operation.undoUntil.toISOString()}.`);
}

/** `active` is what only one operation of an agency can have. */
const running = ({ epoch }: Progressing, now: Date): Update => ({
  ...{ status: 'running', epoch: epoch + 1, runsSince: now, active: true },
});

const stopped = ({ ran, runsSince }: Progressing, now: Date): Pick<Progressing, 'ran' | 'runsSince'> => ({
  ran: ran + (runsSince ? now.getTime() - runsSince.getTime() : 0),
  runsSince: null,
});

const notRunning = ({ status }: Progressing) =>
  new Refusal('operation_not_running', `The operation is ${status}, not running.`);
const notEnded = ({ status }: Progressing) => new Refusal('operation_not_ended', `The operation is ${status}.`);

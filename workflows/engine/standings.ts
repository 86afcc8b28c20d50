/** How a stage stands once it is blocked, has failed, or nobody knows whether it was done; and how it comes back. */
import type { StageState } from '../words/state.ts';

/** Nobody of ours can do anything about it: the ball is outside until the fact is back. */
export function block(current: StageState, facts: string[], at: Date): StageState {
  const { status, holder, waitingFor } = current;
  const was = current.blocked ? current.blocked.was : status === 'locked' ? undefined : { status, holder, waitingFor };
  return {
    ...current,
    status: 'waiting',
    holder: 'third_party',
    waitingFor: 'fact',
    since: at,
    blocked: { facts, was },
  };
}

/** What is blocked stays so, and has failed when it is not any more. */
export function failed({ waitingFor, ...current }: StageState, note: string | undefined, at: Date): StageState {
  const stands = { status: 'failed', holder: 'fulfillment' } as const;
  if (current.blocked) return { ...current, waitingFor, note, blocked: { ...current.blocked, was: stands } };
  return { ...current, ...(waitingFor === 'check' && { waitingFor }), ...stands, since: at, note };
}

/** What is blocked stays so, and is in doubt when it is not any more. */
export function doubted(current: StageState, note: string | undefined, at: Date): StageState {
  const stands = { status: 'failed', holder: 'fulfillment', waitingFor: 'outcome-unknown' } as const;
  return current.blocked
    ? { ...current, note, blocked: { ...current.blocked, was: stands } }
    : { ...current, ...stands, since: at, note };
}

/** Back to how it stood; a stage that had never been opened is locked again, for its turn to come at once. */
export function unblock({ blocked, holder: _, waitingFor: __, ...current }: StageState, at: Date): StageState {
  return { ...current, since: at, status: 'locked', ...blocked?.was };
}

/**
 * When an access is looked at again: soon after it was asked for and then more and more seldom, daily while it is there,
 * and ahead of its end where somebody has to renew it by hand. An endpoint that does not answer is asked again soon.
 */
import { after, days, hours, minutes } from '../../kernel/time.ts';
import type { Grant } from './state.ts';

const whileAwaited = [minutes(15), hours(1), hours(4), hours(12)];
const withoutAnswer = [minutes(5), minutes(15), hours(1), hours(4)];
const daily = days(1);
/** How long before its end an attestation is looked at, so that it can be renewed in time. */
const aheadOfEnd = days(7);

/** Undefined when nobody looks by itself: what a person has ended stays so until it is asked for again. */
export function nextLook(grant: Omit<Grant, 'nextLookAt'>, at: Date): Date | undefined {
  if (grant.probe.type === 'attestation') return renewal(grant, at);
  if (!isWatched(grant)) return undefined;
  if (grant.misses > 0) return after(at, withoutAnswer[grant.misses - 1] ?? daily);
  if (grant.status === 'active') return after(at, daily);
  return grant.looks === 0 && grant.status === 'requested' ? at : after(at, whileAwaited[grant.looks - 1] ?? daily);
}

const isWatched = ({ status, endedBy }: Pick<Grant, 'status' | 'endedBy'>): boolean =>
  ['requested', 'pending', 'active'].includes(status) || (status === 'revoked' && endedBy === 'look');

function renewal({ status, expiresAt }: Pick<Grant, 'status' | 'expiresAt'>, at: Date): Date | undefined {
  if (status !== 'active' || !expiresAt) return undefined;
  const ahead = after(expiresAt, -aheadOfEnd);
  return ahead > at ? ahead : undefined;
}

/**
 * What a replay may do with each effect. `pure` changes nothing outside; `idempotent` may be done again under its key;
 * `once` is never done again when it succeeded, and stops for a person when nobody knows whether it did.
 */
import type { Effect } from '../words/effects.ts';

export type Safety = 'pure' | 'idempotent' | 'once';

const safeties: Record<Effect['type'], Safety> = {
  'issue-link': 'idempotent',
  'request-approval': 'idempotent',
  notify: 'once',
  tell: 'once',
  alert: 'idempotent',
  weigh: 'pure',
  dispatch: 'once',
  check: 'pure',
  reopen: 'idempotent',
  command: 'idempotent',
  timer: 'idempotent',
  'record-milestone': 'idempotent',
  recheck: 'idempotent',
};

export const safetyOf = ({ type }: Pick<Effect, 'type'>): Safety => safeties[type];

export type Attempt = 'never' | 'succeeded' | 'failed' | 'unknown';

/** Whether an effect that was tried before is carried out on a replay. */
export function onReplay(effect: Pick<Effect, 'type'>, last: Attempt): 'do' | 'skip' | 'ask-a-person' {
  if (last === 'never' || last === 'failed' || safetyOf(effect) === 'pure') return 'do';
  if (last === 'succeeded') return 'skip';
  return safetyOf(effect) === 'once' ? 'ask-a-person' : 'do';
}

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
  'keep-notes': 'idempotent',
  weigh: 'pure',
  dispatch: 'once',
  check: 'pure',
  reopen: 'idempotent',
  command: 'idempotent',
  timer: 'idempotent',
  'record-milestone': 'idempotent',
  'attest-grant': 'idempotent',
  recheck: 'idempotent',
};

export const safetyOf = ({ type }: Pick<Effect, 'type'>): Safety => safeties[type];

export type Attempt = 'never' | 'succeeded' | 'failed' | 'unknown';

export type Replay = 'do' | 'skip' | 'ask-a-person';

/** Whether an effect that was tried before is carried out on a replay. */
export const onReplay = (effect: Pick<Effect, 'type'>, last: Attempt): Replay => replayOf(safetyOf(effect), last);

export function replayOf(safety: Safety, last: Attempt): Replay {
  if (last === 'never' || last === 'failed' || safety === 'pure') return 'do';
  if (last === 'succeeded') return 'skip';
  return safety === 'once' ? 'ask-a-person' : 'do';
}

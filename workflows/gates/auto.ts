/** Automatic: the system checks the order, looks outside, or is told the facts by a service or a person. */
import type { Declared } from '../graph/stage.ts';
import type { Effect } from '../words/effects.ts';
import { type OrderState, stateOf } from '../words/state.ts';
import type { Gate } from './gate.ts';

export const auto: Gate = {
  opening: (_, { holder, check, finds }) => ({
    status: 'ready',
    holder: holder ?? (check || finds ? 'system' : 'fulfillment'),
  }),
  onEntry: runCheck,
  onResume: runCheck,
  takes: ['complete-stage', 'retry-stage', 'resolve-outcome', 'recheck-stage'],
  wayOut: 'the system checks it.',
  replay: 'idempotent',
  newRound: 'sent_back',
  exit: 'optional',
  supports: ['check', 'looks', 'finds'],
  faults: ({ exit, check }) =>
    Boolean(exit) === Boolean(check) ? ['is automatic and needs either a check or exit data'] : [],
  explain: ({ title, check }) =>
    check
      ? { blocker: `The system has not checked "${title}" yet.`, unblock: 'Nothing. The check runs automatically.' }
      : {
          blocker: `The information for "${title}" has not arrived yet.`,
          unblock: 'A service or the fulfillment team reports it.',
        },
};

function runCheck(state: OrderState, { key, check }: Declared): Effect[] {
  if (!check) return [];
  return [{ type: 'command', command: { type: 'run-check', stage: key, round: stateOf(state, key).round } }];
}

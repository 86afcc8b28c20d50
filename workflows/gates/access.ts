/** Access: the client grants what the order needs; once the account has all of it, the team records the evidence. */
import { accessesOf, hasEveryAccess } from '../words/facts.ts';
import { stateOf } from '../words/state.ts';
import type { Gate, Opening } from './gate.ts';

/** Every access is there: whoever was asked for it, the ball is with the team. */
const granted: Opening = { status: 'ready', holder: 'fulfillment' };

export const access: Gate = {
  opening: ({ workflow, state }, { holder = 'client' }) =>
    hasEveryAccess(workflow, state) ? granted : { status: 'waiting', holder, waitingFor: 'access' },
  follows({ workflow, state }, { key: stage, holder = 'client' }) {
    const { round, status, waitingFor } = stateOf(state, stage);
    if (hasEveryAccess(workflow, state)) {
      return waitingFor === 'access' ? [{ type: 'access-found', stage, round, holder: granted.holder }] : [];
    }
    return status === 'ready' ? [{ type: 'access-missed', stage, round, holder }] : [];
  },
  takes: ['complete-stage'],
  wayOut: 'staff attest the access with evidence.',
  isConfidential: true,
  replay: 'idempotent',
  newRound: 'sent_back',
  exit: 'required',
  supports: [],
  explain: ({ title }, { status }) =>
    status === 'ready'
      ? {
          blocker: `Every access is granted, but nobody has recorded it: "${title}".`,
          unblock: 'The fulfillment team completes the stage with evidence.',
        }
      : {
          blocker: `Access is missing: "${title}".`,
          unblock: 'The client grants access, and staff attest it with evidence.',
        },
  awaitedFacts: ({ workflow, state }) => accessesOf(workflow, state),
  ladders: {
    access: [
      { days: 1, to: 'client' },
      { hours: 48, to: 'manager' },
      { days: 3, to: 'client' },
      { days: 5, to: 'client' },
      { days: 7, to: 'agency' },
    ],
  },
};

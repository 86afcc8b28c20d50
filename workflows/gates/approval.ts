/**
 * An approval: the client decides on what is shown, on a page of its own. The decision is bound to the hash of what was
 * shown; when that changes, it is asked for again.
 */
import { hashOf } from '../../kernel/ids.ts';
import type { Data, Declared } from '../graph/stage.ts';
import type { Effect, Person } from '../words/effects.ts';
import { dataOf, isOpen, type OrderState, type StageState, stateOf } from '../words/state.ts';
import type { Gate, Words } from './gate.ts';
import { presentAddress } from './reader.ts';

const agencyLadder = [
  { days: 0, to: 'manager' },
  { days: 2, to: 'agency' },
] as const;

export const approval: Gate = {
  opening: (_, { holder = 'client' }) => ({ status: 'waiting', holder, waitingFor: 'approval' }),
  boundTo: shownHash,
  onEntry: (state, stage, recipient) => [requestFor(state, stage, recipient)],
  takes: ['request-approval', 'decide-approval', 'delegate-approval', 'grant-round'],
  wayOut: 'the client decides on the approval page.',
  /** The hash stays that of what was shown. */
  recordedAs: ({ hash }, { doer }) => ({ doer, hash }),
  replay: 'idempotent',
  onUndo: ({ waitingFor, approval: request, blocked }) =>
    !blocked && waitingFor === 'approval' && !request ? 'new_round' : undefined,
  page: 'approval',
  answeredWhile: 'approval',
  reader: approverOf,
  isStale: (state, stage, { hash }) => hash !== shownHash(state, stage),
  newRound: 'asked_again',
  exit: 'own',
  supports: [],
  faults: ({ shows, backTo }) => [
    ...(shows.length === 0 ? ['asks for an approval but shows nothing'] : []),
    ...(backTo.length === 0 ? ['asks for an approval but has no way back for changes'] : []),
  ],
  explain: ({ title }, { waitingFor }) => wordsFor(title, waitingFor),
  explainToClient: ({ title }) => ({
    blocker: `We are waiting for your decision on “${title}”.`,
    unblock: 'Open the link in our email, and approve it or ask for changes.',
  }),
  ladders: {
    approval: [
      { days: 1, to: 'client' },
      { days: 3, to: 'client' },
      { daysBeforeEnd: 1, to: 'client' },
    ],
    'approval-expired': agencyLadder,
    'change-order': agencyLadder,
  },
  /** Twice the time that the client is given. */
  expiry: {
    whileWaitingFor: 'approval',
    turnsInto: 'approval-expired',
    budgets: 2,
    command: 'expire-approval',
    announce: (title) => `The approval request "${title}" expires and goes to the agency.`,
    announceToClient: (title) => `The time to decide on “${title}” ends.`,
    toClient: (title) => ({
      blocker: `The time to decide on “${title}” has passed.`,
      unblock: 'Open the link in our email and ask for a new one, or reply to that email.',
    }),
  },
  alarms: [
    {
      kind: 'approval-expired',
      severity: () => 'warning',
      holds: (current) => isOpen(current) && current.waitingFor === 'approval-expired',
      words: 'The approval % has expired.',
      cure: 'Talk to the client and request it again.',
    },
    {
      kind: 'rounds-used-up',
      severity: () => 'warning',
      holds: (current) => isOpen(current) && current.waitingFor === 'change-order',
      words: 'No revision rounds are left for %.',
      cure: 'Grant another round, or let the client approve.',
    },
  ],
};

function wordsFor(title: string, waitingFor: StageState['waitingFor']): Words {
  if (waitingFor === 'approval-expired') {
    return {
      blocker: `The approval "${title}" has expired.`,
      unblock: 'Talk to the client and request the approval again.',
    };
  }
  if (waitingFor === 'change-order') {
    return {
      blocker: `No revision rounds are left for "${title}".`,
      unblock: 'Grant another round with a reason, or let the client approve.',
    };
  }
  return {
    blocker: `The client has not decided on "${title}" yet.`,
    unblock: 'The client approves, or asks for changes, on the approval page.',
  };
}

/** The hash of what the client is shown: the data of the stages that the approval covers. */
export function shownHash(state: OrderState, stage: Declared): string {
  return hashOf(snapshotOf(state, stage));
}

function snapshotOf(state: OrderState, { shows }: Declared): Data {
  return Object.fromEntries(shows.map((key) => [key, dataOf(state, key) ?? {}]));
}

function requestFor(state: OrderState, stage: Declared, recipient = approverOf(state)): Effect {
  const { round, hash = '' } = stateOf(state, stage.key);
  return { type: 'request-approval', stage: stage.key, round, recipient, snapshot: snapshotOf(state, stage), hash };
}

/** The one person who approves: named by staff, or in a form, or else the client. */
function approverOf(state: OrderState): Person {
  const inForm = state.stages.map(({ key }) => dataOf(state, key)?.['approver']).find(Boolean);
  const named = state.approver ?? (inForm as Person | undefined);
  return named ? presentAddress(state, named) : state.client;
}

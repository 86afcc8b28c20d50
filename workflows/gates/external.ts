/** External: a vendor does it, or somebody reports the answer. It is asked once; what nobody heard, a person finds out. */
import { stateOf } from '../words/state.ts';
import type { Gate } from './gate.ts';

export const external: Gate = {
  opening: (_, { holder = 'third_party' }) => ({ status: 'waiting', holder, waitingFor: 'answer' }),
  onEntry(state, { key: stage }) {
    const { round, asked } = stateOf(state, stage);
    return [{ type: 'dispatch', stage, round, ...(asked !== undefined && { asked }) }];
  },
  takes: ['complete-stage', 'record-answer', 'review-answer', 'retry-stage', 'resolve-outcome'],
  wayOut: 'the answer from outside completes it.',
  replay: 'once',
  onUndo: ({ key: stage, round, waitingFor, blocked }) =>
    (blocked?.was ?? { waitingFor }).waitingFor === 'answer'
      ? { event: { type: 'outcome-unknown', stage, round }, note: unheard }
      : undefined,
  newRound: 'sent_back',
  exit: 'required',
  supports: [],
  explain: ({ title }) => ({
    blocker: `Waiting for an answer from outside: "${title}".`,
    unblock: 'Report the answer when it arrives.',
  }),
};

const unheard = 'An answer may have been missed. Find out whether it was done.';

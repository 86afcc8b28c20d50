/** Work: the fulfillment team begins it and completes it with the data of what was done. */
import type { Gate } from './gate.ts';

export const work: Gate = {
  opening: (_, { holder = 'fulfillment' }) => ({ status: 'ready', holder }),
  takes: ['begin-stage', 'complete-stage', 'recheck-stage'],
  wayOut: 'it is completed with the data of the work.',
  replay: 'idempotent',
  newRound: 'sent_back',
  exit: 'required',
  supports: ['looks'],
  explain: ({ title }) => ({
    blocker: `Nobody has started "${title}".`,
    unblock: 'The fulfillment team starts and completes it.',
  }),
};

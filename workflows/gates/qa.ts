/** Quality assurance: a second person checks the work. Whoever did any part of what is checked may not pass it. */
import { requireSecondPerson } from '../rules/second-person.ts';
import type { Gate } from './gate.ts';

export const qa: Gate = {
  opening: (_, { holder = 'fulfillment' }) => ({ status: 'ready', holder }),
  takes: ['begin-stage', 'complete-stage'],
  wayOut: 'a second person completes it.',
  admitPerson: ({ state }, stage, actor) => requireSecondPerson(state, stage, actor),
  replay: 'idempotent',
  newRound: 'sent_back',
  exit: 'required',
  supports: ['vouchesFor'],
  explain: ({ title }) => ({
    blocker: `"${title}" needs to be checked by a second person.`,
    unblock: 'Someone who did none of the work checks it.',
  }),
};

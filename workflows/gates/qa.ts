/** Quality assurance: a second person checks the work. Whoever did any part of what is checked may not pass it. */
import { Refusal } from '../../kernel/errors.ts';
import { between } from '../graph/paths.ts';
import { stateOf } from '../words/state.ts';
import type { Gate } from './gate.ts';

export const qa: Gate = {
  opening: (_, { holder = 'fulfillment' }) => ({ status: 'ready', holder }),
  takes: ['begin-stage', 'complete-stage'],
  wayOut: 'a second person completes it.',
  /** The work that is checked lies between the stage that this one goes back to and itself. */
  admitPerson({ workflow, state }, { key, backTo }, actor) {
    const checked = backTo.flatMap((from) => between(workflow.stages, from, key));
    const own = checked.find((each) => stateOf(state, each).doer === actor.id);
    if (own) throw new Refusal('same_person', `"${key}" checks "${own}", which was done by the same person.`);
  },
  replay: 'idempotent',
  newRound: 'sent_back',
  exit: 'required',
  supports: [],
  explain: ({ title }) => ({
    blocker: `"${title}" needs to be checked by a second person.`,
    unblock: 'Someone who did not do the work checks it.',
  }),
};

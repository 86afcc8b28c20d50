/**
 * A form: the client fills it in on the page of a mailed link, and staff review it. Several forms of an order are one
 * onboarding.
 */
import { Refusal } from '../../kernel/errors.ts';
import type { Declared } from '../graph/stage.ts';
import type { Effect } from '../words/effects.ts';
import { undelivered } from '../words/mails.ts';
import { revisionInWords } from '../words/revision.ts';
import {
  type GateKind,
  isOver,
  type OnboardingStatus,
  type OrderState,
  type StageState,
  type StageStatus,
  stateOf,
} from '../words/state.ts';
import type { Gate } from './gate.ts';

export const form: Gate = {
  opening: (_, { holder = 'client' }) => ({ status: 'waiting', holder, waitingFor: 'form' }),
  onEntry: (state, stage, recipient) => [linkFor(state, stage, recipient)],
  takes: ['issue-link', 'submit-form', 'review-form'],
  wayOut: 'the client submits the form and staff review it.',
  /** The client did it: whoever reviews a form may check what is made of it. */
  recordedAs: ({ doer }, { hash }) => ({ doer, hash }),
  replay: 'idempotent',
  onUndo: ({ key: stage, round, link, waitingFor, blocked }) =>
    (blocked?.was ?? { waitingFor }).waitingFor === 'form' && !link
      ? { event: { type: 'link-requested', stage, round } }
      : undefined,
  page: 'link',
  answeredWhile: 'form',
  reader: ({ client }) => client,
  newRound: 'sent_back',
  exit: 'required',
  supports: [],
  explain,
  explainToClient: ({ title }, { round, data }) =>
    round > 1 && data
      ? {
          blocker: `We are waiting for your changes to “${title}”.`,
          unblock: 'Open the link in our newest email, change the answers named there and send the form again.',
        }
      : {
          blocker: `We are waiting for your answers to “${title}”.`,
          unblock: 'Open the link in our email and fill in the form.',
        },
  ladders: {
    form: [
      { days: 1, to: 'client' },
      { days: 3, to: 'client' },
      { days: 5, to: 'client' },
      { days: 7, to: 'agency' },
    ],
  },
};

function explain({ title }: Declared, { status, round, data, revision }: StageState) {
  if (status === 'in_review') {
    return {
      blocker: [
        `The form "${title}" has been submitted and not reviewed yet.`,
        ...(revision ? [revisionInWords(revision)] : []),
      ].join(' '),
      unblock: 'Approve it, or send it back with a reason.',
    };
  }
  if (round > 1 && data) {
    return {
      blocker: `The client has to change the form "${title}".`,
      unblock: 'The client changes the marked answers and sends the form again.',
    };
  }
  return {
    blocker: `The client has not sent the form "${title}" yet.`,
    unblock: 'The client opens the emailed link and fills in the form.',
  };
}

export function linkFor(state: OrderState, { key }: Declared, recipient = state.client): Effect {
  const { round, flags, note } = stateOf(state, key);
  return { type: 'issue-link', stage: key, round, recipient, form: key, revise: flags, note };
}

export const isForm = ({ gate }: { gate: GateKind }): boolean => gate === 'form';

/** The form that is meant where none is named: the first that stands so, or else the first. */
export function formMeant({ stages }: OrderState, status: StageStatus): string {
  const forms = stages.filter(isForm);
  const meant = forms.find((stage) => stage.status === status) ?? forms[0];
  if (!meant) throw new Refusal('wrong_gate', 'The order has no form; onboarding is not required.');
  return meant.key;
}

/** Where the onboarding of an order stands: the first form that is not over says it. */
export function onboardingOf({ stages }: OrderState): OnboardingStatus {
  const forms = stages.filter(isForm);
  if (forms.length === 0) return 'not_required';
  const first = forms.find((stage) => !isOver(stage));
  if (!first) return 'approved';
  if (first.status === 'in_review') return 'received';
  if (first.round > 1 && first.data) return 'needs_revision';
  return first.link && !undelivered(first) ? 'sent' : 'pending';
}

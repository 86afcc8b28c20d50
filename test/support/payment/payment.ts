/**
 * A gate that the product doesn't have: the client pays a deposit before the work begins, and somebody who leads the order
 * records it. It is written as a new gate would be, and shows that the engine needs nothing beside it.
 */
import { Refusal } from '../../../kernel/errors.ts';
import { hashOf } from '../../../kernel/ids.ts';
import type { Gate } from '../../../workflows/gates/gate.ts';
import type { Declared } from '../../../workflows/graph/stage.ts';
import { isOpen, type OrderState, type StageState } from '../../../workflows/words/state.ts';

export const payment: Gate = {
  opening: (_, { holder = 'client' }) => ({ status: 'waiting', holder, waitingFor: 'payment' }),
  boundTo: priceHash,
  onEntry({ client, options }, { key: stage }) {
    const data = { deposit: String(options['deposit']) };
    return [{ type: 'notify', template: 'payment-requested', stage, recipient: client, data }];
  },
  takes: ['complete-stage'],
  wayOut: 'the client pays, and somebody who leads the order records it.',
  admitPerson(_, { key }, { role }) {
    if (role === 'fulfillment') throw new Refusal('forbidden', `The fulfillment team doesn't record "${key}".`);
  },
  /** The hash stays that of the price that was asked for. */
  recordedAs: ({ hash }, { doer }) => ({ doer, hash }),
  isConfidential: true,
  replay: 'once',
  onUndo: ({ waitingFor }) => (waitingFor === 'payment' ? 'new_round' : undefined),
  isStale: (state, _, { hash }) => hash !== priceHash(state),
  newRound: 'asked_again',
  exit: 'required',
  supports: [],
  faults: ({ rules }) => (rules.length === 0 ? ['asks for a payment but compares it with nothing'] : []),
  explain: ({ title }, is) => ({
    blocker: hasReminders(is) ? `"${title}" is not paid, after a reminder.` : `"${title}" is not paid.`,
    unblock: 'The client pays; somebody who leads the order records it.',
  }),
  ladders: {
    payment: [
      { days: 2, to: 'client' },
      { days: 5, to: 'manager' },
    ],
  },
  alarms: [
    {
      kind: 'payment-overdue',
      severity: () => 'warning',
      holds: (is) =>
        isOpen(is) && (is.reminders ?? []).some(({ about, to }) => about === 'payment' && to === 'manager'),
      words: '% is overdue.',
      cure: 'Call the client, or pause the order.',
    },
  ],
};

function priceHash({ options }: OrderState): string {
  return hashOf(options['deposit']);
}

const hasReminders = ({ reminders = [] }: StageState): boolean => reminders.length > 0;

/** What was paid must be what was asked for. */
export const isDeposit: Declared['rules'][number] = ({ data, state }) =>
  data['amount'] === state.options['deposit']
    ? []
    : [{ pointer: '/amount', rule: 'not_the_deposit', message: `Enter ${state.options['deposit']}.` }];

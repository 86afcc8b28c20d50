/**
 * A mail that may have arrived or not, or was refused: what a person is told of it, and which answers there are. It is asked by the API
 * before it accepts an answer, and by the worker before it is written.
 */
import { Refusal } from '../../kernel/errors.ts';
import type { Alarm } from '../telling/alarms.ts';
import type { Addressee } from '../words/state.ts';

export const deliveryOutcomes = ['arrived', 'told', 'send_again'] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];

export const deliveryUnknown = 'delivery-unknown';
const deliveryRefused = 'delivery-refused';

/** Says which mail and who it was for, and never an address. */
export function doubtOf(mail: { template: string; to: Addressee; since: Date }): Alarm {
  const { template, to, since } = mail;
  return {
    ...{ kind: deliveryUnknown, severity: 'warning', since },
    what: `It is unknown whether the email "${template}" to the ${to} arrived.`,
    cure: 'Ask whether it arrived, then record that it did or send it again.',
  };
}

/** A mail without a stage that would say so: it went to those who look after the order, or told of its end. */
export function refusalOf(mail: { template: string; to: Addressee; since: Date }): Alarm {
  const { template, to, since } = mail;
  return {
    ...{ kind: deliveryRefused, severity: 'warning', since },
    what: `The mail "${template}" to the ${to} was refused by the mail server.`,
    cure: 'Correct the address and tell them in another way; then say that they were told, or have it sent again.',
  };
}

/** Throws when nothing is in doubt: each doubt is answered once. */
export function requireDoubt(alert: { kind: string; state: string } | null | undefined, id: string): void {
  if (!alert) throw new Refusal('alert_not_found', `There is no alert ${id}.`);
  if (alert.kind !== deliveryUnknown && alert.kind !== deliveryRefused) {
    throw new Refusal('nothing_changed', `Alert ${id} is about no mail that may not have arrived.`);
  }
  if (alert.state === 'resolved') throw new Refusal('alert_resolved', 'The outcome of the email is already known.');
}

/**
 * The mails of a stage, and what became of them. A stage says that something was sent, or that its client was reminded,
 * only once the mail has come to that end.
 */
import type { Delivery } from './delivery.ts';
import type { Addressee, Reader, StageState } from './state.ts';

/** A reminder by what it is about and its rung; without one, the mail that asks the client. */
export interface MailName {
  about?: string | undefined;
  rung?: number | undefined;
}

const isOf = ({ about, rung }: MailName, one: { about: string; rung: number }): boolean =>
  one.about === about && one.rung === rung;

/** The reader of the mail, and what is known of it; undefined where the stage has no such reminder. */
export function mailOf(stage: StageState, name: MailName): { to: Addressee; delivery?: Delivery } | undefined {
  if (name.rung === undefined) return { to: 'client', ...(stage.delivery && { delivery: stage.delivery }) };
  return stage.reminders?.find((one) => isOf(name, one));
}

export function withDelivery(stage: StageState, name: MailName, delivery: Delivery): StageState {
  if (name.rung === undefined) return { ...stage, delivery };
  return { ...stage, reminders: stage.reminders?.map((one) => (isOf(name, one) ? { ...one, delivery } : one)) ?? [] };
}

/** The mail by which we know that the client is not reached: the last one that was sent, where it did not arrive. */
export function undelivered({ delivery, reminders = [] }: StageState): Delivery | undefined {
  const own = reminders.filter(({ to }) => to === 'client').flatMap((one) => one.delivery ?? []);
  return [...(delivery ? [delivery] : []), ...own].find(({ outcome }) => outcome === 'refused' || outcome === 'failed');
}

/**
 * What is asked for again begins anew where the client was never reached, or where somebody else is asked: they have kept
 * nobody waiting.
 */
export function askedAgain(stage: StageState, at: Date, reader?: Reader): StageState {
  const isOther = reader && stage.reader && reader.email !== stage.reader.email;
  if (isOther || undelivered(stage)) return { ...withoutMails(stage), ...(reader && { reader }), since: at };
  const { delivery: _, ...rest } = stage;
  return { ...rest, ...(reader && { reader }) };
}

/** What goes to another address from now on: nothing was sent there yet. */
export const forgetMails = (stage: StageState): StageState => (undelivered(stage) ? withoutMails(stage) : stage);

function withoutMails({ delivery: _, reminders: __, ...rest }: StageState): StageState {
  return rest;
}

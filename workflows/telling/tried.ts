/** What was tried for a stage, in sentences: only mails that went out count as sent. */
import type { Stage } from '../graph/workflow.ts';
import type { MailOutcome } from '../words/delivery.ts';
import type { Addressee, Reminder, StageState } from '../words/state.ts';

/** For staff, with the words of the mail server. */
export function triedIn({ gateRules: { newRound } }: Stage, current: StageState): string[] {
  const { round, changes, note, check } = current;
  const reminded = arrived(current, 'client');
  const told = arrived(current, 'manager').length + arrived(current, 'agency').length;
  return [
    ...askedBy(current),
    ...(reminded.length > 0
      ? [`The client was reminded ${times(reminded.length)}, last on ${lastDay(reminded)}.`]
      : []),
    ...(current.reminders ?? []).flatMap(({ to, delivery }) => {
      const fate = delivery && fates[delivery.outcome];
      return fate ? [withWords(`A reminder to the ${to} ${fate}`, delivery.said)] : [];
    }),
    ...(told > 0 ? [`The people responsible were told of the silence ${times(told)}.`] : []),
    ...(changes ? [`The client asked for changes ${times(changes)}.`] : []),
    ...(check ? [`It was checked ${times(check.attempt)}.`] : []),
    ...(round > 1 && newRound === 'sent_back' ? [`It was sent back; this is round ${round}.`] : []),
    ...(note ? [`Latest note: ${note}`] : []),
  ];
}

/** For the client: what reached them, and that something did not. */
export function triedForClient({ title }: Stage, current: StageState): string[] {
  const { delivery } = current;
  const reminded = arrived(current, 'client');
  return [
    ...(delivery?.outcome === 'delivered' ? [`We wrote to you about “${title}” on ${dayOf(delivery.at)}.`] : []),
    ...(reminded.length > 0 ? [`We reminded you ${times(reminded.length)}, last on ${lastDay(reminded)}.`] : []),
  ];
}

/** The mail with the link or the request; what is there without news of its mail was made, and no more. */
function askedBy({ link, approval, delivery }: StageState): string[] {
  if (!link && !approval && !delivery) return [];
  const mail = approval ? 'The email that asks for the approval' : 'The email with the link';
  if (!delivery) return [`${mail} has not gone out yet.`];
  if (delivery.outcome !== 'delivered') return [withWords(`${mail} ${fates[delivery.outcome]}`, delivery.said)];
  return [approval ? 'The approval was requested.' : 'The link was sent to the client.'];
}

const fates: Record<Exclude<MailOutcome, 'delivered'>, string> & { delivered?: undefined } = {
  refused: 'was refused by the mail server.',
  unknown: 'may have arrived or not; the mail server did not say.',
  failed: 'could not be sent.',
  held: 'has not gone out yet, and is tried again.',
  superseded: 'was not sent, because it was no longer needed.',
};

const withWords = (sentence: string, said: string | undefined): string =>
  said ? `${sentence} The server said: ${said}` : sentence;

const arrived = ({ reminders = [] }: StageState, to: Addressee): Reminder[] =>
  reminders.filter((one) => one.to === to && one.delivery?.outcome === 'delivered');

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const lastDay = (sent: readonly Reminder[]): string => dayOf(sent.at(-1)?.delivery?.at ?? new Date(0));

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

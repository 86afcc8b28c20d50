/**
 * Sends mails. No mail server can promise "once": between its taking a mail and our writing that down anything may die.
 * So who sends is recorded before, what came of it after; a try that never reported is `unknown`, and the template says
 * whether such a mail is sent again or waits for a person. `sent` is recorded at most once.
 */
import { LostRace, NotYet, Refusal } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { hours, minutes, seconds } from '../kernel/time.ts';
import type { Outcome, WorkItem } from '../kernel/work.ts';
import type { Letter } from '../mail/render.ts';
import type { Delivery, Mail } from '../mail/send.ts';
import type { Agency } from '../models/agency.ts';
import type { Ending, Notification, NotificationDraft } from '../models/notification.ts';
import type { Payload } from '../queues/contract.ts';
import { notifications } from '../queues/notifications.ts';
import type { Context } from './machine/context.ts';
import { defineWorker } from './machine/define.ts';
import { acknowledge, keepAlert, weigh } from './messages/alerts.ts';
import { takeBounce } from './messages/bounce.ts';
import { compose } from './messages/compose.ts';
import { answer, keepDoubt } from './messages/doubt.ts';
import { isForAPerson, tellOfEnd } from './messages/endings.ts';
import { followed, letterFor } from './messages/telling.ts';

/** A server that is away, or greylists, gets half a day; then the mail is a dead letter. */
const waits = [seconds(2), seconds(5), seconds(20), minutes(1), minutes(5), minutes(15), hours(1), hours(3), hours(8)];

type Sending = Payload<typeof notifications, 'notify'>;
type Telling = Payload<typeof notifications, 'tell'>;

export const notificationsWorker = defineWorker({
  queue: notifications,
  concurrency: 10,
  handlers: {
    async notify(asked, item, context, signal) {
      const send = async () => sendOnce(await followed(asked, context), item, context, signal);
      return (await known(item, context)) ?? unlessUnsent(send, item, context);
    },
    async tell(asked, item, context, signal) {
      const letter = () => unlessHeld(() => letterFor(asked, item, context), item, context);
      const send = async () => sendOnce(await letter(), item, context, signal);
      return (await known(item, context)) ?? unlessUnsent(send, item, context);
    },
    alert: keepAlert,
    weigh,
    acknowledge,
    doubt: keepDoubt,
    answer,
    bounce: takeBounce,
  },
});

/** What came of it before, when that was an end. */
async function known({ _id }: WorkItem, context: Context): Promise<Outcome | undefined> {
  const before = await context.models.notifications.get(_id);
  return before && isOver(before) ? endOf(before, context) : undefined;
}

/** What nobody needs any more is in the log as well, and whoever asked for it is told. */
async function unlessUnsent(send: () => Promise<Outcome>, item: WorkItem, context: Context): Promise<Outcome> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'superseded') throw error;
    const { models, clock } = context;
    await tellOfEnd(await models.notifications.supersede(draftFor(item), error.message, clock.now()), context);
    throw error;
  }
}

async function unlessHeld<T>(make: () => Promise<T>, item: WorkItem, context: Context): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof NotYet)) throw error;
    const { models, clock } = context;
    await tellOfEnd(await models.notifications.hold(draftFor(item), error.message, clock.now()), context);
    throw error;
  }
}

async function sendOnce(asked: Sending, item: WorkItem, context: Context, signal: AbortSignal): Promise<Outcome> {
  const { agency, letter } = await compose(asked, item, context);
  const mail = addressed(letter, { agency, asked, item });
  const token = newId();
  const done = await takeTurn({ asked, item, mail, token }, context);
  if (done) return endOf(done, context);
  return report(await context.mailer.deliver(mail, signal), { mail, token, item }, context);
}

/** The Message-ID is the same at every try: a reader's mail program may know a repetition by it. */
function addressed(letter: Letter, { agency, asked, item }: { agency: Agency; asked: Sending; item: WorkItem }): Mail {
  const { from, replyTo } = agency;
  const domain = from.email.slice(from.email.lastIndexOf('@') + 1);
  const messageId = `<${item._id}@${domain}>`;
  return { ...letter, from, ...(replyTo && { replyTo }), to: asked.recipient, messageId };
}

interface Turn {
  asked: Sending;
  item: WorkItem;
  mail: Mail;
  token: string;
}

/** Resolves to the record when there is nothing left to do; otherwise it is our turn, until `sendingUntil`. */
async function takeTurn({ asked, item, mail, token }: Turn, context: Context): Promise<Notification | undefined> {
  const { models, clock } = context;
  const { recipient } = asked;
  const { messageId } = mail;
  const draft = { ...draftFor(item), recipient, messageId };
  const known = await models.notifications.begin(draft, token, clock.now());
  if (!known || isOver(known)) return known;
  const lapsed = known.state === 'sending' ? await lapse(known, context) : known;
  if (lapsed.state === 'unknown' && isForAPerson(lapsed)) return lapsed;
  if (await models.notifications.resume(lapsed, { next: token, recipient, messageId }, clock.now())) return undefined;
  throw new LostRace(`Another worker sends notification ${item._id}.`);
}

async function lapse(known: Notification, { models, clock }: Context): Promise<Notification> {
  const left = known.sendingUntil.getTime() - clock.now().getTime();
  if (left > 0) throw new NotYet(`Somebody is sending notification ${known._id}.`, left);
  if (await models.notifications.lapse(known, clock.now())) {
    return { ...known, state: 'unknown', changes: (known.changes ?? 0) + 1 };
  }
  throw new LostRace(`Notification ${known._id} was just recorded.`);
}

/** Both kinds of payload name what the mail is about; only reminders have a rung. */
function draftFor(item: WorkItem): NotificationDraft {
  const { _id, agency, account, payload } = item;
  const { template, order, stage, round } = payload as Sending;
  const { about, rung } = payload as Partial<Telling>;
  return { _id, agency, account, order, stage, round, about, rung, template, to: roleOf(item) };
}

/** What is told of goes to whoever is the addressee by then; everything else is for clients. */
const roleOf = ({ kind, payload }: WorkItem): Notification['to'] =>
  kind === 'tell' ? (payload as Telling).to : 'client';

const states: Record<Delivery['status'], Ending['state']> = {
  accepted: 'sent',
  rejected: 'failed',
  deferred: 'queued',
  unknown: 'unknown',
};

/** What the server said stays in the record: it may name the recipient, and faults are logged. */
async function report(
  { status, response }: Delivery,
  { mail, token, item }: Pick<Turn, 'mail' | 'token' | 'item'>,
  context: Context,
): Promise<Outcome> {
  const { models, clock, log } = context;
  const ending = { state: states[status], response, subject: mail.subject } as const;
  const record = await models.notifications.end({ _id: item._id, token }, ending, clock.now());
  if (!record) throw new LostRace(`Another worker has taken notification ${item._id} over.`);
  if (isOver(record) || (status === 'unknown' && isForAPerson(record))) return endOf(record, context);
  const why = status === 'deferred' ? 'The mail server did not accept the email.' : 'The mail server did not answer.';
  const delay = waits[record.tries - 1];
  await tellOfEnd(record, context, { isGivenUp: delay === undefined });
  if (delay === undefined) throw new Error(why);
  log.warn({ work: item._id, order: item.order, tries: record.tries, delay }, why);
  throw new NotYet(why, delay);
}

const over: readonly Notification['state'][] = ['sent', 'failed', 'bounced', 'superseded'];

const isOver = ({ state }: Notification): boolean => over.includes(state);

/** The order and those who look after it hear of the end before the item is settled. */
async function endOf(record: Notification, context: Context): Promise<Outcome> {
  await tellOfEnd(record, context);
  return outcomeOf(record);
}

function outcomeOf({ _id, state }: Pick<Notification, '_id' | 'state'>): Outcome {
  if (state === 'sent' || state === 'bounced') return { status: 'done', result: { notification: _id } };
  if (state === 'superseded') throw new Refusal('superseded', 'Nobody needs the mail any more.');
  if (state === 'failed') throw new Refusal('mail_rejected', 'The mail server refused the recipient or the message.');
  throw new Refusal(
    'delivery_unknown',
    'It is unknown whether the email was sent. A person decides whether to send it again.',
  );
}

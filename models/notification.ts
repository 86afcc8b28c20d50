/**
 * One record for each mail, under the id of its work item: the delivery log, and what keeps a mail from going out twice.
 * Who sends holds a token until `sendingUntil`; every step is filtered by it, so only one may ever record `sent`.
 */
import type { Connection } from 'mongoose';
import { after, seconds } from '../kernel/time.ts';
import type { Mailbox } from './agency.ts';
import { collectionSchema, type Filter, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

export type NotificationState = 'queued' | 'sending' | 'sent' | 'unknown' | 'failed';

/** What never changes about a notification. */
export interface NotificationDraft {
  _id: string;
  agency: string;
  account: string;
  order: string;
  stage?: string | undefined;
  template: string;
  /** Who the recipient is to us. */
  to?: 'client' | 'manager' | 'agency';
  recipient: Mailbox;
  messageId: string;
}

export interface Notification extends NotificationDraft {
  state: NotificationState;
  /** Whose turn at sending it is, or was last; nothing to do with the tokens of links. */
  token: string;
  sendingUntil: Date;
  tries: number;
  /** How often this record was changed: a look at an older one never overrules a look at a newer one. */
  changes?: number;
  /** A try once left unknown whether the mail went out. */
  wasUnknown?: boolean;
  createdAt: Date;
  at: Date;
  subject?: string;
  /** What the mail server said last. */
  response?: string;
  sentAt?: Date;
}

/** How a try ended. */
export type Ending = Pick<Notification, 'response' | 'subject'> & { state: Exclude<NotificationState, 'sending'> };

/** Longer than a handler may take, so that nobody sends after it. */
export const sendingFor = seconds(30);

const secondsKept = 400 * 86_400;

const schema = collectionSchema('notifications');
schema.index({ order: 1, createdAt: 1 });
schema.index({ agency: 1, state: 1, at: -1 });
schema.index({ createdAt: 1 }, { expireAfterSeconds: secondsKept });

export function notificationStore(connection: Connection) {
  const { model, documents } = openCollection<Notification>(connection, 'Notification', schema);
  const get = (id: string) => documents.findOne({ _id: id });

  async function change(filter: Filter<Notification>, set: Partial<Notification>): Promise<boolean> {
    return (await documents.updateOne(filter, { $set: set, $inc: { changes: 1 } })).matchedCount === 1;
  }

  return {
    get,

    /** Begins the first try. Resolves to what is there when there has been one before. */
    async begin(draft: NotificationDraft, token: string, now: Date): Promise<Notification | undefined> {
      const turn = { state: 'sending' as const, token, sendingUntil: after(now, sendingFor), tries: 1, changes: 1 };
      const record: Notification = { ...draft, ...turn, createdAt: now, at: now };
      const { duplicates } = await ignoringDuplicates(documents.insertOne(record));
      return duplicates > 0 ? ((await get(draft._id)) ?? undefined) : undefined;
    },

    /** Begins another try, unless somebody else was first. */
    async resume({ _id, state, token, tries }: Notification, next: string, now: Date): Promise<boolean> {
      const sendingUntil = after(now, sendingFor);
      return change({ _id, state, token }, { state: 'sending', token: next, sendingUntil, tries: tries + 1, at: now });
    },

    /** A try that never reported: whether the mail went out is unknown. */
    lapse: ({ _id, token }: Notification, now: Date) =>
      change({ _id, state: 'sending', token }, { state: 'unknown', wasUnknown: true, at: now }),

    /** A person says that it arrived. */
    confirm: (id: string, now: Date) => change({ _id: id, state: 'unknown' }, { state: 'sent', at: now, sentAt: now }),

    /**
     * Records how a try ended; null when it may not: whoever lapsed still may, whoever was followed by another may not.
     */
    end: ({ _id, token }: Pick<Notification, '_id' | 'token'>, ending: Ending, now: Date) =>
      documents.findOneAndUpdate(
        { _id, token, state: { $in: ['sending', 'unknown'] } },
        { $set: { ...ending, at: now, ...marksOf(ending, now) }, $inc: { changes: 1 } },
        { returnDocument: 'after' },
      ),

    /** The delivery log of an order, oldest first. */
    ofOrder: (order: string) => documents.find({ order }).sort({ createdAt: 1, _id: 1 }).toArray(),

    model,
  };
}

const marksOf = ({ state }: Ending, now: Date): Partial<Notification> => ({
  sentAt: state === 'sent' ? now : undefined,
  wasUnknown: state === 'unknown' ? true : undefined,
});

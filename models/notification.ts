/**
 * One record for each mail, under the id of its work item: the delivery log, and what keeps a mail from going out twice.
 * Who sends holds a token until `sendingUntil`; every step is filtered by it, so only one may ever record `sent`.
 */
import type { Connection } from 'mongoose';
import { after, seconds } from '../kernel/time.ts';
import type { Mailbox } from './agency.ts';
import { collectionSchema, type Filter, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

/**
 * `queued`: the server did not take it yet. `held`: it has to wait before it may go out. `failed`: the server refused it;
 * `bounced`: it came back later. `superseded`: nobody needed it any more.
 */
type NotificationState = 'queued' | 'held' | 'sending' | 'sent' | 'unknown' | 'failed' | 'bounced' | 'superseded';

/** What never changes about a notification. */
export interface NotificationDraft {
  _id: string;
  agency: string;
  account: string;
  order: string;
  stage?: string | undefined;
  round?: number | undefined;
  /** Of a reminder: what it is about, and its rung. */
  about?: string | undefined;
  rung?: number | undefined;
  template: string;
  /** Who the recipient is to us. */
  to?: 'client' | 'manager' | 'agency';
  /** Both are absent until a mail is about to go out. */
  recipient?: Mailbox;
  messageId?: string;
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
export type Ending = Pick<Notification, 'response' | 'subject'> & {
  state: Extract<NotificationState, 'queued' | 'sent' | 'unknown' | 'failed'>;
};

/** Where the mail goes, as far as it is known. */
export type Address = Pick<NotificationDraft, 'recipient' | 'messageId'>;

/** Longer than a handler may take, so that nobody sends after it. */
const sendingFor = seconds(30);

const secondsKept = 400 * 86_400;

const schema = collectionSchema('notifications');
schema.index({ order: 1, createdAt: 1 });
schema.index({ account: 1, createdAt: -1, _id: 1 });
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
    async resume(
      { _id, state, token, tries }: Notification,
      { next, ...address }: Address & { next: string },
      now: Date,
    ): Promise<boolean> {
      const sendingUntil = after(now, sendingFor);
      const turn = { state: 'sending' as const, token: next, sendingUntil, tries: tries + 1, at: now };
      return change({ _id, state, token }, { ...turn, ...address });
    },

    /** It has to wait before it may go out. */
    async hold(draft: NotificationDraft, response: string, now: Date): Promise<Notification> {
      const held = heldSince(draft, response, now);
      const { duplicates } = await ignoringDuplicates(documents.insertOne(held));
      return duplicates > 0 ? ((await get(draft._id)) ?? held) : held;
    },

    /** It will not go out. One that was never held or tried has no record, and what may have been sent is left as it is. */
    async supersede(draft: NotificationDraft, response: string, now: Date): Promise<Notification> {
      await change({ _id: draft._id, state: { $in: ['held', 'queued'] } }, { state: 'superseded', response, at: now });
      return (await get(draft._id)) ?? { ...heldSince(draft, response, now), state: 'superseded' };
    },

    /** It was sent, and came back. */
    bounce: (id: string, response: string, now: Date) =>
      change({ _id: id, state: { $in: ['queued', 'sent', 'unknown'] } }, { state: 'bounced', response, at: now }),

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

    /** The email that has one of these Message-IDs; its id is the first part of it. */
    async byMessageId(agency: string, messageIds: readonly string[]): Promise<Notification | undefined> {
      const ids = messageIds.map((messageId) => messageId.slice(1, messageId.lastIndexOf('@')));
      const found = await documents.find({ _id: { $in: ids }, agency }).toArray();
      return found.find(({ messageId }) => messageId !== undefined && messageIds.includes(messageId));
    },

    /** A part of the delivery log of an order or an account, the newest first. */
    log: (of: { account: string; order?: string }, { skip, limit }: { skip: number; limit: number }) =>
      documents.find(of, { maxTimeMS: 2_000 }).sort({ createdAt: -1, _id: 1 }).skip(skip).limit(limit).toArray(),

    /** The delivery log of an order, oldest first. */
    ofOrder: (order: string) => documents.find({ order }).sort({ createdAt: 1, _id: 1 }).toArray(),

    model,
  };
}

const heldSince = (draft: NotificationDraft, response: string, now: Date): Notification => ({
  ...draft,
  ...{ state: 'held', response, token: '', sendingUntil: now, tries: 0, changes: 1, createdAt: now, at: now },
});

const marksOf = ({ state }: Ending, now: Date): Partial<Notification> => ({
  sentAt: state === 'sent' ? now : undefined,
  wasUnknown: state === 'unknown' ? true : undefined,
});

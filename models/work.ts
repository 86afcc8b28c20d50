/**
 * Work items in MongoDB: acceptance is one insert here, and every change of an item is one conditional update. Filters
 * always say `state: 'open'`, so a settled item can never be touched again and the indexes stay as small as the backlog.
 */
import type { Collection, Connection } from 'mongoose';
import { joined } from '../kernel/joined.ts';
import { after } from '../kernel/time.ts';
import { type Failure, keptFor, type Outcome, type WorkItem } from '../kernel/work.ts';
import { byIds } from './by-ids.ts';
import { collectionSchema, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';
import { leases } from './leases.ts';
import { roomKeeper } from './room.ts';

/** Each is as small as what is asked of it: an item that is ready is in the first alone, one whose nudge is out in two. */
const open = { partialFilterExpression: { state: 'open' } };
const nudged = { partialFilterExpression: { state: 'open', phase: 'nudged' } };
const waiting = { partialFilterExpression: { state: 'open', phase: 'waiting' } };

const schema = collectionSchema('work');
schema.index({ queue: 1, phase: 1, account: 1, dueAt: 1 }, open);
schema.index({ dueAt: 1 }, nudged);
schema.index({ runAt: 1 }, waiting);
schema.index({ order: 1, createdAt: -1 });
schema.index({ 'failure.fingerprint': 1 }, { partialFilterExpression: { state: 'dead' } });
schema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });

export type WorkStore = ReturnType<typeof workStore>;

export function workStore(connection: Connection) {
  const { model, documents } = openCollection<WorkItem>(connection, 'Work', schema);

  return {
    get: joined((ids: string[]) => byIds<WorkItem>(documents, ids)),

    /** The items of one order, newest first. */
    ofOrder: (order: string, limit: number) => documents.find({ order }).sort({ createdAt: -1 }).limit(limit).toArray(),

    ...acceptance(documents),
    ...leases(documents),
    ...endings(documents),
    model,
    documents,
  };
}

function acceptance(items: Collection<WorkItem>) {
  const inserting = joined(async (many: WorkItem[][]) => {
    await ignoringDuplicates(items.insertMany(many.flat(), { ordered: false }));
    return many.map(() => undefined);
  });

  /** How many items of each account are nudged. */
  async function nudgedByAccount(queue: string): Promise<Map<string, number>> {
    const counts = await items
      .aggregate<{ _id: string; count: number }>([
        { $match: { state: 'open', queue, phase: 'nudged' } },
        { $group: { _id: '$account', count: { $sum: 1 } } },
      ])
      .toArray();
    return new Map(counts.map(({ _id, count }) => [_id, count]));
  }

  return {
    /** Resolves to false when an item with this id is there already. */
    async insert(item: WorkItem): Promise<boolean> {
      const { duplicates } = await ignoringDuplicates(items.insertOne(item));
      return duplicates === 0;
    },

    /** Items that are there already are passed over. */
    insertMany: (many: WorkItem[]): Promise<void> => (many.length > 0 ? inserting(many) : Promise.resolve()),

    /** True when nothing of this account waits its turn and both windows have room, as of a second ago at most. */
    hasRoom: roomKeeper({
      nudged: nudgedByAccount,
      isWaiting: async (queue, account) => {
        const projection = { _id: 1 };
        return (await items.findOne({ state: 'open', queue, phase: 'ready', account }, { projection })) !== null;
      },
    }),

    nudgedByAccount,
  };
}

/** How items end. */
function endings(items: Collection<WorkItem>) {
  const settling = joined(async (many: { id: string; outcome: Outcome; now: Date }[]) => {
    const writes = many.map(({ id, outcome, now }) => {
      const closed = { state: outcome.status, outcome, settledAt: now, expireAt: after(now, keptFor) };
      return { updateOne: { filter: { _id: id, state: 'open' as const }, update: { $set: closed } } };
    });
    await items.bulkWrite(writes, { ordered: false });
    return many.map(() => undefined);
  });

  return {
    /** Closes an open item with its outcome; a closed one stays as it is. */
    settle: (id: string, outcome: Outcome, now: Date): Promise<void> => settling({ id, outcome, now }),

    /** Marks an item dead: that is the dead letter. Only the generation that failed may do so. */
    async bury({ _id, generation }: Pick<WorkItem, '_id' | 'generation'>, failure: Failure): Promise<boolean> {
      const buried = { state: 'dead' as const, failure, settledAt: failure.at };
      return (await items.updateOne({ _id, state: 'open', generation }, { $set: buried })).matchedCount === 1;
    },
  };
}

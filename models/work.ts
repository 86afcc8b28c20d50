/**
 * Work items in MongoDB: acceptance is one insert here, and every change of an item is one conditional update. Filters
 * always say `state: 'open'`, so a settled item can never be touched again and the indexes stay as small as the backlog.
 */
import { type Connection, Schema } from 'mongoose';
import { joined } from '../kernel/joined.ts';
import { after } from '../kernel/time.ts';
import { type Failure, keptFor, lease, type Outcome, type WorkItem } from '../kernel/work.ts';
import { byIds } from './by-ids.ts';
import { ignoringDuplicates } from './duplicates.ts';
import { roomKeeper } from './room.ts';

/** Each is as small as what is asked of it: an item that is ready is in the first alone, one whose nudge is out in two. */
const open = { partialFilterExpression: { state: 'open' } };
const nudged = { partialFilterExpression: { state: 'open', phase: 'nudged' } };
const waiting = { partialFilterExpression: { state: 'open', phase: 'waiting' } };

const schema = new Schema(
  {},
  {
    collection: 'work',
    strict: false,
    strictQuery: false,
    versionKey: false,
    autoIndex: false,
    minimize: false,
    id: false,
  },
);
schema.add({ _id: String });
schema.index({ queue: 1, phase: 1, account: 1, dueAt: 1 }, open);
schema.index({ dueAt: 1 }, nudged);
schema.index({ runAt: 1 }, waiting);
schema.index({ order: 1, createdAt: -1 });
schema.index({ 'failure.fingerprint': 1 }, { partialFilterExpression: { state: 'dead' } });
schema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });

export type WorkStore = ReturnType<typeof workStore>;

export function workStore(connection: Connection) {
  const model = connection.model('Work', schema);
  const items = model.collection;
  const options = { ignoreUndefined: true };
  const find = (filter: object, sort: object, limit: number) =>
    items
      .find(filter as never)
      .sort(sort as never)
      .limit(limit)
      .toArray() as unknown as Promise<WorkItem[]>;

  const inserting = joined(async (many: WorkItem[][]) => {
    await ignoringDuplicates(items.insertMany(many.flat() as never, { ...options, ordered: false }));
    return many.map(() => undefined);
  });
  const settling = joined(async (many: { id: string; outcome: Outcome; now: Date }[]) => {
    const writes = many.map(({ id, outcome, now }) => {
      const closed = { state: outcome.status, outcome, settledAt: now, expireAt: after(now, keptFor) };
      return { updateOne: { filter: { _id: id, state: 'open' }, update: { $set: closed } } };
    });
    await items.bulkWrite(writes as never, { ...options, ordered: false });
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
    get: joined((ids: string[]) => byIds<WorkItem>(items, ids)),

    /** The items of one order, newest first. */
    ofOrder: (order: string, limit: number) => find({ order }, { createdAt: -1 }, limit),

    /** Resolves to false when an item with this id is there already. */
    async insert(item: WorkItem): Promise<boolean> {
      const { duplicates } = await ignoringDuplicates(items.insertOne(item as never, options));
      return duplicates === 0;
    },

    /** Items that are there already are passed over. */
    insertMany: (many: WorkItem[]): Promise<void> => (many.length > 0 ? inserting(many) : Promise.resolve()),

    /** True when nothing of this account waits its turn and both windows have room, as of a second ago at most. */
    hasRoom: roomKeeper({
      nudged: nudgedByAccount,
      isWaiting: async (queue, account) => {
        const ready = { state: 'open', queue, phase: 'ready', ...(account !== undefined && { account }) };
        return (await items.findOne(ready as never, { projection: { _id: 1 } })) !== null;
      },
    }),

    nudgedByAccount,

    /** What is ready of the accounts after `last`, account by account, and of each what has waited longest first. */
    readyAfter: (queue: string, last: string, limit: number) =>
      find({ state: 'open', queue, phase: 'ready', account: { $gt: last } }, { account: 1, dueAt: 1 }, limit),

    /**
     * Takes ready items for nudging, each under its next generation; resolves to those that are taken. Two dispatchers
     * may both count one as theirs: it has one generation then, and its two nudges are one job.
     */
    async claim(ready: WorkItem[], now: Date): Promise<WorkItem[]> {
      if (ready.length === 0) return [];
      const dueAt = after(now, lease);
      const taken = { $set: { phase: 'nudged', dueAt, probes: 0 }, $inc: { generation: 1 } };
      const writes = ready.map(({ _id, generation }) => ({
        updateOne: { filter: { _id, state: 'open', phase: 'ready', generation }, update: taken },
      }));
      const { matchedCount } = await items.bulkWrite(writes as never, { ordered: false });
      const next = ready.map((item) => ({
        ...item,
        phase: 'nudged' as const,
        generation: item.generation + 1,
        dueAt,
        probes: 0,
      }));
      if (matchedCount === ready.length) return next;
      const found = await byIds<WorkItem>(
        items,
        next.map(({ _id }) => _id),
      );
      return next.filter(({ generation }, index) => {
        const is = found[index];
        return is?.state === 'open' && is.phase === 'nudged' && is.generation === generation;
      });
    },

    /** Waiting items whose time has come become ready. */
    async wake(now: Date): Promise<number> {
      const due = { state: 'open', phase: 'waiting', runAt: { $lte: now } };
      return (await items.updateMany(due, { $set: { phase: 'ready' } })).modifiedCount;
    },

    expired: (now: Date, limit: number) =>
      find({ state: 'open', phase: 'nudged', dueAt: { $lte: now } }, { dueAt: 1 }, limit),

    /**
     * What became of the jobs of expired leases: where it is there, the item gets another lease, and that is counted;
     * where it has gone, the item waits for its next generation.
     */
    async renewOrRelease(expired: { item: WorkItem; alive: boolean }[], now: Date): Promise<void> {
      if (expired.length === 0) return;
      const renewed = { $set: { dueAt: after(now, lease) }, $inc: { probes: 1 } };
      const released = { $set: { phase: 'ready' } };
      const writes = expired.map(({ item: { _id, generation }, alive }) => ({
        updateOne: { filter: { _id, state: 'open', phase: 'nudged', generation }, update: alive ? renewed : released },
      }));
      await items.bulkWrite(writes as never, { ordered: false });
    },

    /** A worker is at it: the lease is moved on. False when the item is settled or has a newer generation. */
    async extend({ _id, generation }: WorkItem, now: Date): Promise<boolean> {
      const held = { _id: _id as never, state: 'open', phase: 'nudged', generation };
      return (await items.updateOne(held, { $set: { dueAt: after(now, lease) } })).matchedCount === 1;
    },

    /** Not for a while: the item waits until `runAt`, and then goes out again under its next generation. */
    async putOff({ _id, generation }: WorkItem, runAt: Date): Promise<void> {
      await items.updateOne(
        { _id: _id as never, state: 'open', phase: 'nudged', generation },
        { $set: { phase: 'waiting', runAt } },
      );
    },

    /** Redis has lost something: every lease comes due, so that every job is looked for. */
    async recall(now: Date): Promise<void> {
      await items.updateMany({ state: 'open', phase: 'nudged', dueAt: { $gt: now } }, { $set: { dueAt: now } });
    },

    /** Closes an open item with its outcome; a closed one stays as it is. */
    settle: (id: string, outcome: Outcome, now: Date): Promise<void> => settling({ id, outcome, now }),

    /** Marks an item dead: that is the dead letter. Only the generation that failed may do so. */
    async bury({ _id, generation }: Pick<WorkItem, '_id' | 'generation'>, failure: Failure): Promise<boolean> {
      const buried = { state: 'dead', failure, settledAt: failure.at };
      const { matchedCount } = await items.updateOne(
        { _id: _id as never, state: 'open', generation },
        { $set: buried },
        options,
      );
      return matchedCount === 1;
    },

    model,
  };
}

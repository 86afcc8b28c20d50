/**
 * The leases of open work items: ready ones are claimed and nudged, each under its next generation, and held for as long
 * as somebody is at them; when a lease ends, somebody asks what became of the job. An old generation changes nothing.
 */
import type { Collection } from 'mongoose';
import { after } from '../kernel/time.ts';
import { lease, type WorkItem } from '../kernel/work.ts';
import { byIds } from './by-ids.ts';

/** Open, of one phase. */
const inPhase = <P extends WorkItem['phase']>(phase: P) => ({ state: 'open' as const, phase });

export const leases = (items: Collection<WorkItem>) => ({ ...nudging(items), ...holding(items) });

/** How an item goes from waiting to ready and out. */
function nudging(items: Collection<WorkItem>) {
  return {
    /** What is ready of the accounts after `last`, account by account, and of each what has waited longest first. */
    readyAfter: (queue: string, last: string, limit: number) =>
      items
        .find({ ...inPhase('ready'), queue, account: { $gt: last } })
        .sort({ account: 1, dueAt: 1 })
        .limit(limit)
        .toArray(),

    /**
     * Takes ready items for nudging, each under its next generation; resolves to those that are taken. Two dispatchers
     * may both count one as theirs: it has one generation then, and its two nudges are one job.
     */
    async claim(ready: WorkItem[], now: Date): Promise<WorkItem[]> {
      if (ready.length === 0) return [];
      const taken = { phase: 'nudged' as const, dueAt: after(now, lease), probes: 0 };
      const writes = ready.map(({ _id, generation }) => ({
        updateOne: {
          filter: { ...inPhase('ready'), _id, generation },
          update: { $set: taken, $inc: { generation: 1 } },
        },
      }));
      const { matchedCount } = await items.bulkWrite(writes, { ordered: false });
      const next = ready.map((item) => ({ ...item, ...taken, generation: item.generation + 1 }));
      return matchedCount === ready.length ? next : standing(items, next);
    },

    /** Waiting items whose time has come become ready. */
    async wake(now: Date): Promise<number> {
      const due = { ...inPhase('waiting'), runAt: { $lte: now } };
      return (await items.updateMany(due, { $set: { phase: 'ready' } })).modifiedCount;
    },
  };
}

/** Those of the items that are nudged in their generation. */
async function standing(items: Collection<WorkItem>, nudged: WorkItem[]): Promise<WorkItem[]> {
  const ids = nudged.map(({ _id }) => _id);
  const found = await byIds<WorkItem>(items, ids);
  return nudged.filter(({ generation }, index) => {
    const now = found[index];
    return now?.state === 'open' && now.phase === 'nudged' && now.generation === generation;
  });
}

/** What becomes of an item whose nudge is out. */
function holding(items: Collection<WorkItem>) {
  return {
    expired: (now: Date, limit: number) =>
      items
        .find({ ...inPhase('nudged'), dueAt: { $lte: now } })
        .sort({ dueAt: 1 })
        .limit(limit)
        .toArray(),

    /**
     * What became of the jobs of expired leases: where it is there, the item gets another lease, and that is counted;
     * where it has gone, the item waits for its next generation.
     */
    async renewOrRelease(expired: { item: WorkItem; alive: boolean }[], now: Date): Promise<void> {
      if (expired.length === 0) return;
      const renewed = { $set: { dueAt: after(now, lease) }, $inc: { probes: 1 } };
      const released = { $set: { phase: 'ready' as const } };
      const writes = expired.map(({ item: { _id, generation }, alive }) => ({
        updateOne: { filter: { ...inPhase('nudged'), _id, generation }, update: alive ? renewed : released },
      }));
      await items.bulkWrite(writes, { ordered: false });
    },

    /** A worker is at it: the lease is moved on. False when the item is settled or has a newer generation. */
    async extend({ _id, generation }: WorkItem, now: Date): Promise<boolean> {
      const held = { ...inPhase('nudged'), _id, generation };
      return (await items.updateOne(held, { $set: { dueAt: after(now, lease) } })).matchedCount === 1;
    },

    /** Not for a while: the item waits until `runAt`, and then goes out again under its next generation. */
    async putOff({ _id, generation }: WorkItem, runAt: Date): Promise<void> {
      const held = { ...inPhase('nudged'), _id, generation };
      await items.updateOne(held, { $set: { phase: 'waiting', runAt } });
    },

    /** Redis has lost something: every lease comes due, so that every job is looked for. */
    async recall(now: Date): Promise<void> {
      await items.updateMany({ ...inPhase('nudged'), dueAt: { $gt: now } }, { $set: { dueAt: now } });
    },
  };
}

/**
 * How many calls to a vendor are under way, and whether it answers at all. Kept here and not in a process, so that the
 * limit holds over all of them; a slot whose holder died is free again when its lease ends.
 */
import type { Connection } from 'mongoose';
import { newId } from '../kernel/ids.ts';
import { after, minutes, seconds } from '../kernel/time.ts';
import { collectionSchema, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

export interface Slot {
  _id: string;
  holder: string;
}

interface StoredSlot extends Slot {
  vendor: string;
  number: number;
  until: Date;
}

interface Health {
  _id: string;
  failures?: number;
  closedUntil?: Date;
}

/** Longer than a call can take. */
const slotLease = seconds(45);
const failuresToClose = 5;
const firstClosing = seconds(30);
const longestClosing = minutes(10);

const healthSchema = collectionSchema('vendor_health');
const slotSchema = collectionSchema('vendor_slots');
slotSchema.index({ vendor: 1, until: 1 });

export function vendorGate(connection: Connection) {
  const { documents: slots } = openCollection<StoredSlot>(connection, 'VendorSlot', slotSchema);
  const { documents: health } = openCollection<Health>(connection, 'VendorHealth', healthSchema);
  const close = (vendor: string, until: Date) =>
    health.updateOne({ _id: vendor }, { $max: { closedUntil: until } }, { upsert: true });

  return {
    /** A slot, or undefined when all are taken. */
    async enter(vendor: string, limit: number, now: Date): Promise<Slot | undefined> {
      const turn = { holder: newId(), until: after(now, slotLease) };
      const free = { vendor, number: { $lt: limit }, until: { $lte: now } };
      const taken = await slots.findOneAndUpdate(free, { $set: turn }, { returnDocument: 'after' });
      if (taken) return taken;
      const number = await slots.countDocuments({ vendor });
      if (number >= limit) return undefined;
      const slot = { _id: `${vendor}-${number}`, vendor, number, ...turn };
      return (await ignoringDuplicates(slots.insertOne(slot))).duplicates === 0 ? slot : undefined;
    },

    async leave({ _id, holder }: Slot, now: Date): Promise<void> {
      await slots.updateOne({ _id, holder }, { $set: { until: now } });
    },

    /** Until when nobody calls; undefined when the caller may. After a closing, one caller at a time tries. */
    async closedUntil(vendor: string, now: Date): Promise<Date | undefined> {
      const known = await health.findOne({ _id: vendor });
      if (!known?.closedUntil) return undefined;
      if (known.closedUntil > now) return known.closedUntil;
      const seen = { _id: vendor, closedUntil: known.closedUntil };
      const next = after(now, slotLease);
      const { matchedCount } = await health.updateOne(seen, { $set: { closedUntil: next } });
      return matchedCount === 1 ? undefined : next;
    },

    async answered(vendor: string): Promise<void> {
      await health.updateOne({ _id: vendor }, { $set: { failures: 0 }, $unset: { closedUntil: 1 } });
    },

    /** After five failures in a row nobody calls for a while, and for longer each time. */
    async failed(vendor: string, now: Date): Promise<void> {
      const options = { upsert: true, returnDocument: 'after' as const };
      const known = await health.findOneAndUpdate({ _id: vendor }, { $inc: { failures: 1 } }, options);
      const beyond = (known?.failures ?? 1) - failuresToClose;
      if (beyond >= 0) await close(vendor, after(now, Math.min(firstClosing * 2 ** beyond, longestClosing)));
    },

    /** They said themselves when to come again. */
    async askedToWait(vendor: string, until: Date): Promise<void> {
      await close(vendor, until);
    },
  };
}

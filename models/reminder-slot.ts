/**
 * How often somebody is reminded in a day: a reader has so many places a day, and each mail takes one before it goes out.
 * A place is taken by one insert, so that two workers can't share it; who takes it again still has it.
 */
import type { Connection } from 'mongoose';
import { hashedId } from '../kernel/ids.ts';
import { collectionSchema, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

/** Reminders to one address in a day, over all its orders. */
export const remindersPerDay = 3;

const secondsKept = 7 * 86_400;

const schema = collectionSchema('reminder_slots');
schema.index({ at: 1 }, { expireAfterSeconds: secondsKept });

interface Slot {
  _id: string;
  /** Whose mail has the place. */
  work: string;
  at: Date;
}

export function reminderSlots(connection: Connection) {
  const { model, documents: slots } = openCollection<Slot>(connection, 'ReminderSlot', schema);

  async function takeOne(_id: string, work: string, at: Date): Promise<boolean> {
    const { duplicates } = await ignoringDuplicates(slots.insertOne({ _id, work, at }));
    if (duplicates === 0) return true;
    return (await slots.findOne({ _id }))?.work === work;
  }

  return {
    /** True when there is a place left for this mail on that day. */
    async take({ email, date, work }: { email: string; date: string; work: string }, now: Date): Promise<boolean> {
      const reader = hashedId('reader', email.toLowerCase());
      for (let place = 1; place <= remindersPerDay; place += 1) {
        if (await takeOne(`${reader}-${date}-${place}`, work, now)) return true;
      }
      return false;
    },

    model,
  };
}

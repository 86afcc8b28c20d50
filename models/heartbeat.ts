/**
 * One record for each process that works, written anew every few seconds: who is there, since when, and whether it gets
 * on. Nobody decides by it; the leases of the items do that.
 */
import type { Connection } from 'mongoose';
import { after, hours, seconds } from '../kernel/time.ts';
import { collectionSchema } from './collection.ts';
import { plainStore } from './plain.ts';

export interface Heartbeat {
  _id: string;
  name: string;
  queues: string[];
  pid: number;
  startedAt: Date;
  at: Date;
  /** Jobs or ticks since the start, and when the last one ended. */
  done: number;
  lastDoneAt?: Date;
  expireAt: Date;
}

export const beatEvery = seconds(5);
const keptFor = hours(24);

const schema = collectionSchema('heartbeats');
schema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });

export function heartbeatStore(connection: Connection) {
  const beats = plainStore<Heartbeat>(connection, 'Heartbeat', schema);
  return {
    beat: (beat: Omit<Heartbeat, 'expireAt'>) => beats.put({ ...beat, expireAt: after(beat.at, keptFor) }),
    list: () => beats.documents.find<Heartbeat>({}).sort({ name: 1, _id: 1 }).toArray(),
    forget: async (id: string) => void (await beats.documents.deleteOne({ _id: id })),
    model: beats.model,
  };
}

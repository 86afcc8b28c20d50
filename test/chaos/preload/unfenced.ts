/**
 * Takes the fence out of a process: the version and the applied ids leave the filter of every commit. With this a trial
 * must go red; one that stays green proves nothing.
 */
import mongoose from 'mongoose';

interface Write {
  updateOne?: { filter: Record<string, unknown>; update: unknown };
}

const { prototype } = mongoose.mongo.Collection;
const fenced = prototype.bulkWrite as (this: unknown, writes: Write[], options: object) => unknown;

prototype.bulkWrite = function unfenced(this: unknown, writes: Write[], options: object) {
  return fenced.call(this, writes.map(strip), options);
} as never;

function strip(write: Write): Write {
  if (!write.updateOne || !('applied' in write.updateOne.filter)) return write;
  const { version, applied, ...filter } = write.updateOne.filter;
  return { updateOne: { ...write.updateOne, filter } };
}

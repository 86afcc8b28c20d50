/** Ends the process whenever an order of a certain title is about to be created: a job that takes its worker with it. */
import mongoose from 'mongoose';

const { prototype } = mongoose.mongo.Collection;
const insertOne = prototype.insertOne as (this: unknown, document: object, options: object) => unknown;

prototype.insertOne = function crashing(this: unknown, document: { state?: { title?: string } }, options: object) {
  if (document.state?.title === process.env['CHAOS_CRASH_ON']) process.exit(1);
  return insertOne.call(this, document, options);
} as never;

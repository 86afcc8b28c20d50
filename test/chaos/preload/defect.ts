/** A worker with a defect: it fails whenever it would write a notification down. */
import mongoose from 'mongoose';

const { prototype } = mongoose.mongo.Collection;
const insertOne = prototype.insertOne as (this: unknown, document: object, options: object) => unknown;

prototype.insertOne = function defective(this: { collectionName: string }, document: object, options: object) {
  if (this.collectionName === 'notifications') throw new Error('A defect of this version.');
  return insertOne.call(this, document, options);
} as never;

/** Telling "the database cannot be reached" from everything else that can go wrong with a command. */
import mongoose from 'mongoose';

const { MongoNetworkError, MongoServerSelectionError, MongoWriteConcernError } = mongoose.mongo;

/** True when the command may work later without anybody doing anything. Whether it was carried out is unknown. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoWriteConcernError ||
    error instanceof mongoose.Error.MongooseServerSelectionError
  );
}

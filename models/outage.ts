/** Telling "the database cannot be reached" from everything else that can go wrong with a command. */
import mongoose from 'mongoose';

const { MongoNetworkError, MongoServerError, MongoServerSelectionError, MongoWriteConcernError } = mongoose.mongo;
const { MongoNotConnectedError, MongoTopologyClosedError } = mongoose.mongo;

/** The server is there, but steps down, leaves or recovers; another one, or the same one later, will answer. */
const changingHands = [
  91, // ShutdownInProgress
  189, // PrimarySteppedDown
  10_107, // NotWritablePrimary
  11_600, // InterruptedAtShutdown
  11_602, // InterruptedDueToReplStateChange
  13_435, // NotPrimaryNoSecondaryOk
  13_436, // NotPrimaryOrSecondary
];
const timeIsUp = 50;

/** True when the command may work later without anybody doing anything. Whether it was carried out is unknown. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoWriteConcernError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoTopologyClosedError ||
    error instanceof mongoose.Error.MongooseServerSelectionError ||
    (error instanceof MongoServerError && changingHands.includes(Number(error.code)))
  );
}

/** True when the server gave a read up because it took longer than `maxTimeMS`. */
export const tookTooLong = (error: unknown): boolean =>
  error instanceof MongoServerError && Number(error.code) === timeIsUp;

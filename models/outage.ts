/** Telling "the database cannot be reached" from everything else that can go wrong with a command. */
import mongoose from 'mongoose';

const { MongoServerError } = mongoose.mongo;

/** The server cannot be reached, did not confirm, or the connection to it is being made anew. */
const away = [
  ...[mongoose.mongo.MongoNetworkError, mongoose.mongo.MongoServerSelectionError],
  ...[mongoose.mongo.MongoWriteConcernError, mongoose.Error.MongooseServerSelectionError],
  ...[mongoose.mongo.MongoNotConnectedError, mongoose.mongo.MongoTopologyClosedError],
  ...[mongoose.mongo.MongoClientClosedError, mongoose.mongo.MongoServerClosedError],
];
/** The driver has a class for it, but does not let it out. */
const poolClosed = 'MongoPoolClosedError';

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
    away.some((kind) => error instanceof kind) ||
    (error instanceof Error && error.name === poolClosed) ||
    (error instanceof MongoServerError && changingHands.includes(Number(error.code)))
  );
}

/** True when the server gave a read up because it took longer than `maxTimeMS`. */
export const tookTooLong = (error: unknown): boolean =>
  error instanceof MongoServerError && Number(error.code) === timeIsUp;

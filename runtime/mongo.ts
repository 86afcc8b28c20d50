/** The connection to MongoDB. Durable writes (majority, journal) and short waits: a caller rather hears "not now". */
import mongoose, { type Connection } from 'mongoose';
import { type Clock, seconds } from '../kernel/time.ts';
import { watchHeartbeat } from './heartbeat.ts';

/** `mostSilent`: seconds without a heartbeat, good or bad. A single one fails after five (connectTimeoutMS). */
export async function connectMongo(uri: string, { waitMs = 1_200, mostSilent = 8 } = {}): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    serverSelectionTimeoutMS: waitMs,
    connectTimeoutMS: 5_000,
    // Not less often than it may ask at once when a connection breaks: all of them break in one moment when a server
    // leaves, and a question on one that is just closing has no end (heartbeat.ts).
    heartbeatFrequencyMS: 500,
    socketTimeoutMS: 20_000,
    maxPoolSize: 50,
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
    ignoreUndefined: true,
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
  });
  await connection.asPromise();
  void watchHeartbeat(connection, mostSilent);
  return connection;
}

const tolerated = seconds(5);

/** Throws when this machine's clock is not the database's: timers and leases would be early or late by the difference. */
export async function mustAgreeOnTime({ db }: Connection, clock: Clock): Promise<void> {
  const asked = clock.now().getTime();
  const { localTime } = (await db?.command({ hello: 1 })) ?? {};
  const answered = clock.now().getTime();
  if (!(localTime instanceof Date)) return;
  const there = localTime.getTime();
  const apart = Math.max(asked - there, there - answered);
  if (apart > tolerated)
    throw new Error(`This clock is ${Math.round(apart / 1_000)} s away from the database's clock.`);
}

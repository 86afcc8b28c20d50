/** The connection to MongoDB. Durable writes (majority, journal) and short waits: a caller rather hears "not now". */
import mongoose, { type Connection } from 'mongoose';
import { type Clock, seconds } from '../kernel/time.ts';

export async function connectMongo(uri: string, { waitMs = 1_200 } = {}): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    serverSelectionTimeoutMS: waitMs,
    connectTimeoutMS: 5_000,
    // A server that leaves closes all connections in one moment, and the driver asks at once whether it is there. On a
    // connection that is just closing, driver 7.8 waits for that for ever. Asked often, it waits for its next turn instead.
    heartbeatFrequencyMS: 500,
    socketTimeoutMS: 20_000,
    maxPoolSize: 50,
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
    ignoreUndefined: true,
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
  });
  return connection.asPromise();
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

/** The connection to MongoDB. Durable writes (majority, journal) and short waits: a caller rather hears "not now". */
import { setTimeout as delay } from 'node:timers/promises';
import mongoose, { type Connection } from 'mongoose';
import { type Clock, seconds } from '../kernel/time.ts';

/** The database is one that may not hold anybody's orders: waiting does not help. */
export class NotForProduction extends Error {}

interface Wish {
  waitMs?: number | undefined;
  mostSilent?: number;
  /** Refuse a server that says it is for trials. */
  production?: boolean;
}

/**
 * How documents are written, and filters read: a key that is undefined is not there. Every connection that models are
 * opened on needs it.
 */
export const documentOptions = { ignoreUndefined: true };

/** `mostSilent`: seconds without a heartbeat, good or bad. On a new connection one may take ten (twice connectTimeoutMS). */
export async function connectMongo(
  uri: string,
  { waitMs = 1_200, mostSilent = 12, production = false }: Wish = {},
): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    serverSelectionTimeoutMS: waitMs,
    connectTimeoutMS: 5_000,
    // Not less often than it may ask at once when a connection breaks: all of them break in one moment when a server
    // leaves, and a question on one that is just closing has no end (`watchHeartbeat`).
    heartbeatFrequencyMS: 500,
    socketTimeoutMS: 20_000,
    maxPoolSize: 50,
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
    ...documentOptions,
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
  });
  await connection.asPromise();
  if (production && (await isEmbedded(connection))) {
    await connection.close();
    throw new NotForProduction(
      'This database is the embedded server, for trials and tests. Use a MongoDB server in production.',
    );
  }
  void watchHeartbeat(connection, mostSilent);
  return connection;
}

/** Whoever started it, and wherever it runs: the server says itself what it is. */
async function isEmbedded({ db }: Connection): Promise<boolean> {
  const { gitVersion } = (await db?.command({ buildInfo: 1 })) ?? {};
  return gitVersion === 'embedded';
}

const tick = () => delay(1_000, undefined, { ref: false });

/**
 * Watches the driver's own watch over the database. A question that it writes to a connection that is just closing is
 * never answered and never fails (driver 7.8 waits for the socket to drain): it would ask no more, and this process would
 * not find the database again. When nothing was heard for longer than any such question may take, it begins anew.
 *
 * It ends when the connection is closed. `mostSilent`: seconds without a word of a server, counted in turns of this
 * process: it may itself have been held still. Who holds a collection of the connection notices an outage, no more; whoever
 * is reading from a cursor between two batches may be told that it is at its end.
 */
async function watchHeartbeat(connection: Connection, mostSilent: number): Promise<void> {
  const client = connection.getClient();
  const silent = new Map<string, number>();
  const heard = ({ connectionId }: { connectionId: string }) => void silent.set(connectionId, 0);
  client.on('serverHeartbeatStarted', heard);
  client.on('serverHeartbeatSucceeded', heard);
  client.on('serverHeartbeatFailed', heard);
  client.on('serverClosed', ({ address }) => silent.delete(address));

  let isOpen = true;
  connection.once('close', () => {
    isOpen = false;
  });
  while (isOpen) {
    await tick();
    for (const [address, ticks] of silent) silent.set(address, ticks + 1);
    if (isOpen && Math.max(0, ...silent.values()) >= mostSilent) {
      await Promise.race([client.close(), patience()]);
      while (isOpen && !(await connects(client))) await tick();
      if (!isOpen) await client.close();
    }
  }
}

/** The same client with a pool and a watch that are new. */
function connects(client: ReturnType<Connection['getClient']>): Promise<boolean> {
  const connected = client.connect().then(
    () => true,
    () => false,
  );
  return Promise.race([connected, patience()]);
}

/** What is closing may keep the driver waiting for ever, too. */
const patience = () => delay(15_000, false, { ref: false });

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

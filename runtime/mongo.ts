/** The connection to MongoDB. Durable writes (majority, journal) and short waits: a caller rather hears "not now". */
import mongoose, { type Connection } from 'mongoose';

export async function connectMongo(uri: string, { waitMs = 1_500 } = {}): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    serverSelectionTimeoutMS: waitMs,
    connectTimeoutMS: 5_000,
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

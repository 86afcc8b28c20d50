/** What a bench runs on: a private Redis, the database that was found, and a count of the commands sent to it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { type Models, openModels, syncIndexes } from '../models/open.ts';
import { documentOptions } from '../runtime/mongo.ts';
import { findDatabase } from '../scripts/servers/database.ts';
import { startRedis } from '../scripts/servers/redis.ts';

export interface Stage {
  models: Models;
  redisUrl: string;
  /** The database with its name, for processes that connect by themselves. */
  mongoUri: string;
  database: string;
  /** Database commands since the last time this was asked. */
  commands(): number;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'orderworks-bench-'));
  const redis = await startRedis({ dir });
  const database = await findDatabase({ dir: join(dir, 'database') });
  const connection = await mongoose
    .createConnection(database.uri, { ...documentOptions, dbName: 'bench', monitorCommands: true, maxPoolSize: 20 })
    .asPromise();
  let sent = 0;
  connection.getClient().on('commandStarted', () => {
    sent += 1;
  });
  const uri = new URL(database.uri);
  uri.pathname = '/bench';
  const models = openModels(connection);
  await syncIndexes(models);

  return {
    models,
    redisUrl: redis.url,
    mongoUri: uri.href,
    database: database.kind,
    commands() {
      const count = sent;
      sent = 0;
      return count;
    },
    async close() {
      await connection.close();
      await Promise.all([redis.stop(), database.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/**
 * Which database a trial or a test runs on: the one given by MONGODB_URI, else a `mongod` of this machine, else the
 * embedded server. Callers print `Database: <kind> — <why>`, so that nobody mistakes one for another.
 */
import { startEmbedded } from '../../embedded/start.ts';
import { cachedMongod, downloadMongod, startMongod, systemMongod } from './mongod.ts';

export interface FoundDatabase {
  uri: string;
  kind: 'given' | 'system mongod' | 'memory-server mongod' | 'embedded';
  why: string;
  stop(): Promise<void>;
}

export interface Wish {
  /** The folder for the data of a database that is started here. */
  dir: string;
  /** Fetch a mongod when there is none: in tests only, with a short limit, once per machine. */
  download?: boolean;
  /** False for folders that are thrown away: faster, and nothing survives a power cut. */
  sync?: boolean;
}

export async function findDatabase({ dir, download = false, sync = true }: Wish): Promise<FoundDatabase> {
  const given = process.env['MONGODB_URI'];
  if (given) return { uri: given, kind: 'given', why: 'MONGODB_URI is set', stop: async () => {} };
  const system = systemMongod();
  if (system) return { ...(await startMongod(system, dir)), kind: 'system mongod', why: `found ${system}` };
  const cached = await cachedMongod();
  const fetched = cached ?? (download ? await downloadMongod() : undefined);
  if (fetched) {
    const why = cached ? 'found in the cache of mongodb-memory-server' : 'downloaded by mongodb-memory-server';
    return { ...(await startMongod(fetched, dir)), kind: 'memory-server mongod', why };
  }
  const why = `no MONGODB_URI, no mongod on this machine${download ? ', and none could be downloaded' : ''}`;
  return { ...(await startEmbedded({ dir, sync })), kind: 'embedded', why };
}

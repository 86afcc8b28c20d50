/**
 * The database of a demo, chosen as scripts/servers/database.ts does, but not started: the demo runs it as one of its supervised
 * processes, so that it can be killed and comes back on the same port and folder.
 */
import { join } from 'node:path';
import { cachedMongod, systemMongod } from '../servers/mongod.ts';
import { freePort } from '../servers/ports.ts';
import type { ProcessSpec } from '../servers/supervisor.ts';

export interface DatabaseProcess {
  uri: string;
  kind: 'given' | 'system mongod' | 'memory-server mongod' | 'embedded';
  why: string;
  /** Absent for a server that was given: it is not ours to run. */
  process?: ProcessSpec;
}

export interface Place {
  dir: string;
  root: string;
  /** The database's own name: on a server that was given, nothing else is touched. */
  name: string;
}

export async function databaseProcess({ dir, root, name }: Place): Promise<DatabaseProcess> {
  const given = process.env['MONGODB_URI'];
  if (given) return { uri: withName(given, name), kind: 'given', why: 'MONGODB_URI is set' };

  const port = await freePort();
  const uri = `mongodb://127.0.0.1:${port}/${name}`;
  const mongod = (binary: string): ProcessSpec => ({
    name: 'database',
    command: [binary, '--dbpath', dir, '--port', String(port), '--bind_ip', '127.0.0.1'],
  });

  const system = systemMongod();
  if (system) return { uri, kind: 'system mongod', why: `found ${system}`, process: mongod(system) };
  const cached = await cachedMongod();
  const why = 'found in the cache of mongodb-memory-server';
  if (cached) return { uri, kind: 'memory-server mongod', why, process: mongod(cached) };

  const embedded = [join(root, 'dist/embedded/main.js'), '--dir', dir, '--port', String(port)];
  return {
    uri,
    kind: 'embedded',
    why: 'no MONGODB_URI and no mongod on this machine',
    process: { name: 'database', command: [process.execPath, ...embedded] },
  };
}

function withName(given: string, name: string): string {
  const uri = new URL(given);
  uri.pathname = `/${name}`;
  return uri.href;
}

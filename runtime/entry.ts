/**
 * How a process of ours starts. What keeps it from starting (a missing variable, a taken port) is told as a sentence with
 * its cure on stderr and ends it with code 2; a server that is away is waited for, and that is told once, not each second.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { seconds } from '../kernel/time.ts';
import { BadEnvironment, type Config, readConfig } from './config.ts';
import type { Log } from './log.ts';
import { cureFor } from './masked-config.ts';
import { connectMongo, NotForProduction } from './mongo.ts';

/** The configuration of a process, or its end with every variable that is missing or wrong. */
export function configOf(name: string): Config {
  try {
    return readConfig();
  } catch (error) {
    if (error instanceof BadEnvironment) return leave(`${name} cannot start. ${error.message}`);
    throw error;
  }
}

interface Place {
  host: string;
  port: number;
  /** The variable that sets the port. */
  variable: string;
}

/** Listens, or ends the process with what is in the way. */
export async function listenAt<T>({ host, port, variable }: Place, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const cure = cureOf((error as NodeJS.ErrnoException).code, { host, port, variable });
    if (cure === undefined) throw error;
    return leave(`Cannot listen on ${host}:${port}. ${cure}`);
  }
}

export function cureOf(code: string | undefined, { host, variable }: Place): string | undefined {
  if (code === 'EADDRINUSE')
    return `The port is already in use. Stop the other program, or set ${variable} to another port.`;
  if (code === 'EACCES')
    return `Ports below 1024 need root. Set ${variable} to a higher port and put a proxy in front.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `HOST (${host}) is not an address of this machine. Use 0.0.0.0 for all addresses.`;
  }
  return undefined;
}

const repeatEvery = seconds(30);

/** Waits for MongoDB as long as it takes; ends the process when the one that is there may not be used. */
export async function connectWhenThere(
  { mongoUri: uri, production }: Pick<Config, 'mongoUri' | 'production'>,
  log: Log,
  { waitMs }: { waitMs?: number } = {},
): ReturnType<typeof connectMongo> {
  let toldAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      return await connectMongo(uri, { waitMs, production });
    } catch (error) {
      if (error instanceof NotForProduction) leave(error.message);
      if (performance.now() - toldAt > repeatEvery) {
        toldAt = performance.now();
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ error: reason }, `MongoDB does not answer. ${cureFor('MONGODB_URI', uri)}`);
      }
      await wait(seconds(1));
    }
  }
}

function leave(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}

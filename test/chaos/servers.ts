/**
 * The servers of a trial, private and mortal: a Redis and a database that can be killed, held still and started again
 * on the same port and folder, with whatever they kept. Only what was started here is ever touched.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { cachedMongod, startMongod, systemMongod } from '../../scripts/servers/mongod.ts';
import { freePort } from '../../scripts/servers/ports.ts';
import { type RedisServer, startRedis } from '../../scripts/servers/redis.ts';
import { eventually } from '../support/eventually.ts';
import { nodeArgs, root } from './built.ts';
import { mortal } from './mortal.ts';

interface Server {
  url: string;
  /** Kills it as a power switch would, and waits until it has gone. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Holds it still: it keeps its connections and answers nothing. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export interface Redis extends Server {
  dir: string;
  /** Cuts the newest part of the append-only file by a share of its length. Only while it is down. */
  tear(share: number): Promise<void>;
}

export interface Database extends Server {
  kind: string;
  /** How it ended though nobody here ended it; undefined while it runs. */
  ending(): string | undefined;
}

export async function privateRedis(dir: string, args: string[] = []): Promise<Redis> {
  await mkdir(dir, { recursive: true });
  let server: RedisServer = await startRedis({ dir, args });
  const { port, url } = server;
  mortal(server.pid);
  const signal = (name: NodeJS.Signals) => process.kill(server.pid, name);
  return {
    url,
    dir,
    kill: () => server.kill(),
    stop: () => server.stop(),
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async start() {
      server = await startRedis({ dir, port, args });
      mortal(server.pid);
    },
    async tear(share) {
      const folder = join(dir, 'appendonlydir');
      const parts = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof')).sort();
      const newest = join(folder, parts.at(-1) ?? '');
      const { size } = await stat(newest);
      const file = await open(newest, 'r+');
      await file.truncate(Math.floor(size * (1 - share)));
      await file.close();
    },
  };
}

interface Running {
  pid: number;
  ending?(): string | undefined;
  stop(): Promise<void>;
}

/** A mongod of this machine where there is one, else the embedded server; always with its disk synced. */
export async function privateDatabase(dir: string, log: string): Promise<Database> {
  const binary = systemMongod() ?? (await cachedMongod());
  const port = await freePort();
  const launch = (): Promise<Running> => (binary ? startMongod(binary, dir, port) : embedded({ dir, port, log }));
  let server = await launch();
  mortal(server.pid);
  const signal = (name: NodeJS.Signals) => process.kill(server.pid, name);
  return {
    url: `mongodb://127.0.0.1:${port}/`,
    kind: binary ? 'mongod' : 'embedded',
    async kill() {
      try {
        signal('SIGKILL');
      } catch {
        // It has ended by itself.
      }
      await server.stop();
    },
    ending: () => server.ending?.(),
    stop: () => server.stop(),
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async start() {
      server = await launch();
      mortal(server.pid);
    },
  };
}

/** The embedded server with its words in a file of the trial. */
async function embedded({ dir, port, log }: { dir: string; port: number; log: string }): Promise<Running> {
  const out = openSync(log, 'a');
  const args = [...nodeArgs('embedded/main.ts'), '--dir', dir, '--port', String(port), '--parent'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', out, out], cwd: root });
  closeSync(out);
  const gone = once(child, 'exit');
  await Promise.race([
    eventually(() => listens(port), { within: 120_000 }),
    gone.then(() => Promise.reject(new Error('The database did not start.'))),
  ]);
  return {
    pid: child.pid ?? 0,
    ending() {
      if (child.exitCode === null && child.signalCode === null) return undefined;
      return child.signalCode ?? `exit code ${child.exitCode}`;
    },
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

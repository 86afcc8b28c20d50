/**
 * One process of the application, as an init system would keep it: started again when it dies. What it says goes into a
 * file, which the checker reads afterwards. A preload stands between its code and the world, never inside the code.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { nodeArgs, root } from './built.ts';
import { mortal } from './mortal.ts';

const restartPause = 300;

export interface Spec {
  name: string;
  /** The source file to run, as it was built. */
  command: string;
  env: Record<string, string>;
  logs: string;
  /** What it says when it is ready. */
  ready: string;
}

/** What one life of a process is given beside its usual environment. */
export interface Life {
  preload?: string[];
  env?: Record<string, string>;
}

export interface Managed {
  name: string;
  log: string;
  pid(): number;
  /** How often it has been started. */
  starts(): number;
  /** Starts it when it is down; resolves when it says that it is ready. */
  start(life?: Life): Promise<void>;
  /** Kills it; unless told otherwise it is then started again, ordinary. */
  kill(again?: boolean): Promise<void>;
  pause(): void;
  resume(): void;
  /** SIGTERM; resolves to how long it took, and how it went. */
  stop(): Promise<{ ms: number; code: number | null }>;
  /** Resolves when the present life is over. */
  death(): Promise<void>;
  says(text: string): Promise<number>;
}

export function manage({ name, command, env, logs, ready }: Spec, always: Life = {}): Managed {
  const log = join(logs, `${name}.log`);
  let child: ChildProcess | undefined;
  let wanted = false;
  let starts = 0;

  function launch(life: Life): void {
    const preload = [...(always.preload ?? []), ...(life.preload ?? [])];
    const out = openSync(log, 'a');
    const given = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NODE_NO_WARNINGS: '1' };
    const born = spawn(process.execPath, nodeArgs(command, preload), {
      cwd: root,
      env: { ...given, ...env, ...always.env, ...life.env },
      stdio: ['ignore', out, out],
    });
    closeSync(out);
    starts += 1;
    child = born;
    mortal(born.pid ?? 0);
    born.once('exit', () => {
      setTimeout(() => wanted && child === born && launch({}), restartPause).unref();
    });
  }

  const isAlive = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const death = async () => {
    if (child && isAlive()) await once(child, 'exit');
  };
  const says = async (text: string) => (await readFile(log, 'utf8').catch(() => '')).split(text).length - 1;

  return {
    name,
    log,
    says,
    death,
    pid: () => child?.pid ?? 0,
    starts: () => starts,
    async start(life = {}) {
      const before = await says(ready);
      wanted = true;
      launch(life);
      await eventually(async () => (await says(ready)) > before, { within: 120_000, every: 50 });
    },
    async kill(again = true) {
      wanted = again;
      const gone = death();
      child?.kill('SIGKILL');
      await gone;
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async stop() {
      wanted = false;
      const begun = performance.now();
      if (!isAlive()) return { ms: 0, code: child?.exitCode ?? null };
      const gone = death();
      child?.kill('SIGCONT');
      child?.kill('SIGTERM');
      const patience = setTimeout(() => child?.kill('SIGKILL'), 30_000);
      await gone;
      clearTimeout(patience);
      return { ms: performance.now() - begun, code: child?.exitCode ?? null };
    },
  };
}

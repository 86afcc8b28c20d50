/**
 * Runs the processes of a Procfile as an init system would: each by itself, started again when it dies, all ended
 * together. A process that dies at once waits longer each time, so that a broken one can't spin. Whatever way we leave,
 * even in a hurry, nothing of ours stays.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessSpec {
  name: string;
  command: string[];
  env?: Record<string, string | undefined>;
}

export interface SupervisorOptions {
  /** Every line a process writes, on either stream. */
  onLine?: (name: string, line: string) => void;
  onStart?: (name: string, pid: number) => void;
  onDeath?: (name: string, how: string) => void;
  /** After so many deaths at once in a row a process is not started again; without it, it always is. */
  mostQuickDeaths?: number;
  /** Hears that a process was given up, with the last lines it wrote. */
  onGiveUp?: (name: string, lines: string[]) => void;
}

export interface Supervisor {
  pid(name: string): number | undefined;
  stop(): Promise<void>;
}

const firstPause = 200;
const longestPause = 5_000;
const steadyAfter = 3_000;
const patience = 10_000;
const linesKept = 20;

export function supervise(specs: readonly ProcessSpec[], options: SupervisorOptions = {}): Supervisor {
  const running = new Map<string, ChildProcess>();
  const leaving = new AbortController();
  const endAtOnce = () => {
    for (const child of running.values()) child.kill('SIGKILL');
  };
  process.once('exit', endAtOnce);
  const lives = specs.map((spec) => keepAlive(spec, { running, options, signal: leaving.signal }));

  return {
    pid: (name) => running.get(name)?.pid,
    async stop() {
      leaving.abort();
      await Promise.all([...running.values()].map(end));
      await Promise.all(lives);
      process.off('exit', endAtOnce);
    },
  };
}

interface Life {
  running: Map<string, ChildProcess>;
  options: SupervisorOptions;
  signal: AbortSignal;
}

async function keepAlive(spec: ProcessSpec, { running, options, signal }: Life): Promise<void> {
  let pause = firstPause;
  let quickDeaths = 0;
  const { mostQuickDeaths = Number.POSITIVE_INFINITY } = options;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const lines: string[] = [];
    const child = start(spec, { ...options, onLine: (name, line) => hear(name, line, lines) });
    running.set(spec.name, child);
    const how = await death(child);
    running.delete(spec.name);
    if (signal.aborted) return;

    const wasSteady = performance.now() - startedAt > steadyAfter;
    pause = wasSteady ? firstPause : Math.min(pause * 2, longestPause);
    quickDeaths = wasSteady ? 0 : quickDeaths + 1;
    options.onDeath?.(spec.name, how);
    if (quickDeaths >= mostQuickDeaths) return options.onGiveUp?.(spec.name, lines);
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }

  function hear(name: string, line: string, lines: string[]): void {
    lines.push(line);
    if (lines.length > linesKept) lines.shift();
    options.onLine?.(name, line);
  }
}

/** In a session of its own, so that a Ctrl-C at the terminal reaches us alone and we end them in our own order. */
function start({ name, command, env }: ProcessSpec, { onLine, onStart }: SupervisorOptions): ChildProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => onLine?.(name, line));
  }
  if (child.pid !== undefined) onStart?.(name, child.pid);
  return child;
}

async function death(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = await once(child, 'exit');
    return signal ?? `exit code ${code}`;
  } catch (error) {
    return String(error);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(timer);
}

/** Runs ./scripts/demo as a person would, hears its progress, and can kill what it started while it runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'vitest';
import type { Summary } from '../../scripts/trial/summary.ts';
import { root } from './sources.ts';

export interface DemoRun {
  /** The newest pid of a process of the demo. Throws where there is none: to kill 0 would be to kill the test. */
  pid(name: string): number;
  /** Every pid that it has started. */
  pids(): number[];
  interrupt(signal: NodeJS.Signals): void;
}

export interface DemoEnd {
  code: number | null;
  summary: Summary;
  lines: string[];
  pids: number[];
  /** Its temporary folder; what it leaves there it has left behind. */
  folder: string;
}

export interface DemoOptions {
  args: string[];
  /** Of the test it runs in: tests that run side by side have no common one. */
  onTestFinished: TestContext['onTestFinished'];
  /** What it throws ends the demo, and is thrown by `runDemo`. */
  onLine?: (line: string, run: DemoRun) => void | Promise<void>;
}

export async function runDemo({ args, onTestFinished, onLine }: DemoOptions): Promise<DemoEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'orderworks-journey-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const demo = spawn(process.execPath, [join(root, 'dist/scripts/demo.js'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'test', TMPDIR: folder },
  });
  const pids = new Map<string, number[]>();
  const run: DemoRun = {
    pid(name) {
      const pid = pids.get(name)?.at(-1);
      if (!pid) throw new Error(`The demo has started no process ${name}.`);
      return pid;
    },
    pids: () => [...pids.values()].flat(),
    interrupt: (signal) => demo.kill(signal),
  };

  const lines: string[] = [];
  const faults: unknown[] = [];
  const hear = async (line: string) => onLine?.(line, run);
  createInterface(demo.stderr).on('line', (line) => {
    const [, name, pid] = /^started\s+(\S+)\s+pid (\d+)$/.exec(line) ?? [];
    if (name) pids.set(name, [...(pids.get(name) ?? []), Number(pid)]);
    lines.push(line);
    hear(line).catch((fault: unknown) => {
      faults.push(fault);
      demo.kill('SIGINT');
    });
  });
  const said: string[] = [];
  createInterface(demo.stdout).on('line', (line) => said.push(line));

  const [code] = await once(demo, 'close');
  if (faults.length > 0) throw faults[0];
  return { code, summary: JSON.parse(said.at(-1) ?? '{}'), lines, pids: run.pids(), folder };
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

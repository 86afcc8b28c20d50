/**
 * Runs a command of scripts/ as a person would: a process of its own, by its wrapper, with nothing of our environment.
 * Built, as where it is installed, unless the source is wanted.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installed } from './build.ts';

export interface ScriptRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface ScriptOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Where `scripts/` is. */
  home?: string;
  /** Is handed what sends the process a signal. */
  onStart?: (signal: (name: NodeJS.Signals) => void) => void;
}

export function runScript(
  name: string,
  args: string[],
  { env = {}, cwd, home = installed, onStart }: ScriptOptions = {},
): Promise<ScriptRun> {
  const child = spawn(join(home, 'scripts', name), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    ...(cwd !== undefined && { cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  onStart?.((signal) => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

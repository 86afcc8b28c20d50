/** Runs a command of scripts/ at a terminal, and types what it asks for. The terminal is made by script(1) of util-linux. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { installed } from './build.ts';

/** Where there is no script(1), nobody can be asked. */
export const hasTerminal = spawnSync('script', ['--version']).status === 0;

export interface Typing {
  env: Record<string, string>;
  /** What is typed when these words are shown. */
  at: string;
  typed: string;
}

export async function atTerminal(
  name: string,
  args: string[],
  { env, at, typed }: Typing,
): Promise<{ code: number | null; shown: string }> {
  const words = [join(installed, 'scripts', name), ...args].map((word) => `'${word}'`);
  const child = spawn('script', ['--quiet', '--return', '--command', words.join(' '), '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', TERM: 'xterm', ...env },
  });
  onTestFinished(() => void child.kill());
  let shown = '';
  let isAsked = false;
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (isAsked || !shown.includes(at)) return;
    isAsked = true;
    child.stdin.write(`${typed}\n`);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, shown }));
  });
}

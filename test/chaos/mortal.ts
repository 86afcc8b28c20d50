/** Every process and folder of a trial: whatever becomes of it, none of them outlives it. */
import { rmSync } from 'node:fs';

const pids = new Set<number>();
const folders = new Set<string>();

/** Removed at the end, unless it is to be kept for somebody to look at. */
export function temporary(folder: string): void {
  if (!process.env['CHAOS_KEEP']) folders.add(folder);
}

export function mortal(pid: number): void {
  if (pid > 0) pids.add(pid);
}

process.once('exit', () => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has gone already.
    }
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

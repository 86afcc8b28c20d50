/** One process at a time per data folder. A lock whose process is gone, even by SIGKILL, is taken over. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export function lock(dir: string): () => void {
  const path = join(dir, 'embedded.lock');
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  for (let tries = 0; tries < 3; tries++) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, mine);
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = readHolder(path);
      if (isAlive(holder)) throw new Error(`The data folder ${dir} is in use by process ${holder.split(' ')[0]}.`);
      rmSync(path, { force: true });
    }
  }
  throw new Error(`The lock file ${path} could not be taken.`);
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function isAlive(holder: string): boolean {
  const [pid, start] = holder.split(' ');
  if (!pid) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startOf(Number(pid)) === start;
}

/** When the process began, where the system tells: process ids come round again. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}

/** A small disk of its own for a server, that a trial can fill up and free again. Needs the right to mount: root has it. */
import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Disk {
  /** Until nothing more can be written. */
  fill(): void;
  free(): void;
  close(): Promise<void>;
}

const mounted = new Set<string>();
process.once('exit', () => {
  for (const folder of mounted) execFileSync('umount', ['-l', folder]);
});

const run = promisify(execFile);
const piece = Buffer.alloc(64 * 1_024, 1);

export async function smallDisk(folder: string, megabytes: number): Promise<Disk> {
  await mkdir(folder, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  mounted.add(folder);
  const ballast = join(folder, 'ballast');
  return {
    fill() {
      for (let bytes = piece.length; bytes >= 1; ) {
        try {
          appendFileSync(ballast, piece.subarray(0, bytes));
        } catch {
          bytes = Math.floor(bytes / 4);
        }
      }
    },
    free: () => rmSync(ballast, { force: true }),
    async close() {
      await run('umount', ['-l', folder]);
      mounted.delete(folder);
    },
  };
}

/** Why there can be no such disk here; undefined when there can. */
export async function whyNoDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'orderworks-disk-'));
  try {
    await (await smallDisk(folder, 1)).close();
    return undefined;
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? error).trim();
    return `A full disk needs a mount of its own, and this machine refuses one: ${said}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

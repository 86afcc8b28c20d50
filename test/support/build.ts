/**
 * Builds dist/ once before the tests, some of which run real processes: from the source each would take a second more to
 * start. Beside it, an install without tsx, as production has it: there the commands of scripts/ run what was built.
 */
import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './sources.ts';

export const installed = join(root, 'node_modules/.cache/orderworks/installed');

export async function setup(): Promise<void> {
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: root });
  await mkdir(installed, { recursive: true });
  for (const folder of ['scripts', 'dist']) {
    await symlink(join('../../../..', folder), join(installed, folder)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

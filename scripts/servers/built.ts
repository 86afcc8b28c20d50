/**
 * Where the project is, and its build: the processes of the Procfile run from dist/. Started from the source, a script
 * builds first; started from dist/, it is built.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const here = import.meta.dirname;
const isBuilt = here.endsWith(join('dist', 'scripts', 'servers'));

export const root = join(here, isBuilt ? '../../..' : '../..');

/** Throws when the compiler finds a fault; it has said which, on stderr. */
export async function build(): Promise<void> {
  if (isBuilt) return;
  const compiler = join(root, 'node_modules/.bin/tsc');
  for (const project of ['tsconfig.build.json', 'tsconfig.client.json']) {
    const [code] = await once(spawn(compiler, ['-p', project], { cwd: root, stdio: ['ignore', 2, 2] }), 'exit');
    if (code !== 0) throw new Error(`The build failed (${project}); see above.`);
  }
}

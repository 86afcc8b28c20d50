/**
 * `npm start`: the processes of the Procfile on the MONGODB_URI and REDIS_URL that are given, after the release step.
 * A platform that reads Procfiles itself needs none of this.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import closeWithGrace from 'close-with-grace';
import { type ProcfileEntry, parseProcfile } from './servers/procfile.ts';
import { supervise } from './servers/supervisor.ts';

for (const name of ['MONGODB_URI', 'REDIS_URL']) {
  if (!process.env[name]) leave(`${name} is not set. To see it run without servers of your own: ./scripts/demo`);
}

const entries = parseProcfile(await readFile(join(import.meta.dirname, '../../Procfile'), 'utf8'));
await release(entries.find(({ name }) => name === 'release'));

const processes = entries.filter(({ name }) => name !== 'release');
const width = Math.max(...processes.map(({ name }) => name.length));
const say = (name: string, line: string) => process.stdout.write(`${name.padEnd(width)} | ${line}\n`);
const supervisor = supervise(processes, {
  onLine: say,
  onStart: (name, pid) => say(name, `started (pid ${pid})`),
  onDeath: (name, how) => say(name, `ended (${how}); it is started again`),
});
closeWithGrace({ delay: 30_000 }, () => supervisor.stop());

async function release(step: ProcfileEntry | undefined): Promise<void> {
  const [program, ...args] = step?.command ?? [];
  if (program === undefined) return;
  const [code] = await once(spawn(program, args, { stdio: 'inherit' }), 'exit');
  if (code !== 0) leave('The release step failed; nothing was started.');
}

function leave(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

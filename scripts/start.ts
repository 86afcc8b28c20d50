/**
 * `npm start`: the processes of the Procfile on the MONGODB_URI and REDIS_URL that are given, after the release step.
 * A platform that reads Procfiles itself needs none of this.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import closeWithGrace from 'close-with-grace';
import { prettyFactory } from 'pino-pretty';
import { BadEnvironment, readConfig } from '../runtime/config.ts';
import { Failure } from './command-line/exit.ts';
import { run, script } from './command-line/script.ts';
import { build, root } from './servers/built.ts';
import { type ProcfileEntry, parseProcfile } from './servers/procfile.ts';
import { supervise } from './servers/supervisor.ts';

const program = script('start', {
  description: 'Runs every process of the Procfile, and starts each again when it dies.',
  examples: '  MONGODB_URI=mongodb://… REDIS_URL=redis://… LINK_SECRET=… npm start',
  notes: 'README.md lists every variable. To see the system run without servers of your own: ./scripts/demo',
}).action(start);

await run(program);

async function start(): Promise<void> {
  checkEnvironment();
  await build();
  const entries = parseProcfile(await readFile(join(root, 'Procfile'), 'utf8'));
  await release(entries.find(({ name }) => name === 'release'));

  const processes = entries.filter(({ name }) => name !== 'release');
  const width = Math.max(...processes.map(({ name }) => name.length));
  const readable = process.stdout.isTTY ? prettyFactory({ ignore: 'hostname,process,pid' }) : (line: string) => line;
  const say = (name: string, line: string) =>
    process.stdout.write(`${name.padEnd(width)} | ${String(readable(line)).trimEnd()}\n`);
  const supervisor = supervise(processes.map(inRoot), {
    onLine: say,
    onStart: (name, pid) => say(name, `started (pid ${pid})`),
    onDeath: (name, how) => say(name, `ended (${how}); starting it again`),
  });
  closeWithGrace({ delay: 30_000 }, () => supervisor.stop());
}

/** All that is missing or wrong, before anything is built or started. */
function checkEnvironment(): void {
  try {
    readConfig();
  } catch (error) {
    if (!(error instanceof BadEnvironment)) throw error;
    throw new Failure('usage', `${error.message}\nTo see the system run without servers of your own: ./scripts/demo`);
  }
}

async function release(step: ProcfileEntry | undefined): Promise<void> {
  const [program, ...args] = step ? inRoot(step).command : [];
  if (program === undefined) return;
  const [code] = await once(spawn(program, args, { stdio: 'inherit' }), 'exit');
  if (code !== 0) throw new Failure('failed', 'The release step failed; see above. Nothing was started.');
}

function inRoot({ name, command }: ProcfileEntry): ProcfileEntry {
  return { name, command: command.map((word) => (word.startsWith('dist/') ? join(root, word) : word)) };
}

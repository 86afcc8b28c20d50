/**
 * The server as a process of its own: `main.ts [--dir D] [--port N] [--no-sync] [--parent]`. It prints one line when it
 * listens. With `--parent` it ends when its standard input does, so that it never outlives whoever started it.
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from './errors.ts';
import { lock } from './lock.ts';
import { listen } from './server.ts';

/** As sysexits.h has it for input and output errors: the disk failed a commit, and whoever supervises may start it again. */
const COMMIT_FAILED = 74;

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: '.data/embedded' },
    port: { type: 'string', default: '0' },
    'no-sync': { type: 'boolean', default: false },
    parent: { type: 'boolean', default: false },
  },
});
const log = (line: string) => console.error(`embedded: ${line}`);

try {
  await main();
} catch (error) {
  log(messageOf(error));
  process.exit(1);
}

async function main(): Promise<void> {
  if (process.env['NODE_ENV'] === 'production')
    throw new Error('This server is for trials and tests, never for production.');
  mkdirSync(values.dir, { recursive: true });
  const unlock = lock(values.dir);
  const sync = !values['no-sync'];
  const server = await listen({ dir: values.dir, port: Number(values.port), sync, log, leave });
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await server.close();
    unlock();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (values.parent) process.stdin.on('end', stop).on('error', stop).resume();
  console.log(
    `listening mongodb://127.0.0.1:${server.port}/ (for trials and tests, not for production; data in ${values.dir})`,
  );
}

/** At once: an orderly exit would close the data, which may not be touched again. */
function leave(error: Error): void {
  log(`${error.message} Everything acknowledged is in the data file; start again when the disk has room.`);
  (process as unknown as { reallyExit(code: number): never }).reallyExit(COMMIT_FAILED);
}

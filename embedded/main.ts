/**
 * The server as a process of its own: `main.ts --dir D --port N [--no-sync] [--parent]`. It prints one line when it
 * listens. With `--parent` it ends when its standard input does, so that it never outlives whoever started it.
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from './errors.ts';
import { lock } from './lock.ts';
import { listen } from './server.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    port: { type: 'string', default: '0' },
    'no-sync': { type: 'boolean', default: false },
    parent: { type: 'boolean', default: false },
  },
});

try {
  await main();
} catch (error) {
  console.error(`embedded: ${messageOf(error)}`);
  process.exit(1);
}

async function main(): Promise<void> {
  if (!values.dir) throw new Error('--dir is needed: the folder for its data.');
  if (process.env['NODE_ENV'] === 'production')
    throw new Error('This server is for trials and tests, never for production.');
  mkdirSync(values.dir, { recursive: true });
  const unlock = lock(values.dir);
  const log = (line: string) => console.error(`embedded: ${line}`);
  const server = await listen({ dir: values.dir, port: Number(values.port), sync: !values['no-sync'], log });
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
  console.log(`listening mongodb://127.0.0.1:${server.port}/`);
}

/** A worker process: runs the workers named on the command line (`node dist/workers/main.js setup`), or all of them. */
import { configOf } from '../runtime/entry.ts';
import { createLog } from '../runtime/log.ts';
import { connectWorker } from '../runtime/redis.ts';
import { whenToldToStop } from '../runtime/shutdown.ts';
import { workers } from './index.ts';
import { host } from './machine/host.ts';
import { closeAll } from './machine/leave.ts';
import { beginLife } from './machine/life.ts';
import { openContext } from './machine/open.ts';

const named = process.argv.slice(2);
const names = named.length > 0 ? named : Object.keys(workers);
const unknown = names.filter((name) => !workers[name]);
if (unknown.length > 0) {
  process.stderr.write(
    `Unknown worker ${unknown.join(', ')}. Use one or more of ${Object.keys(workers).join(', ')}.\n`,
  );
  process.exit(2);
}

const config = configOf(`The worker ${names.join('+')}`);
const log = createLog(`worker:${names.join('+')}`, config.logLevel);
const { context, close } = await openContext(config, log);
const connection = connectWorker(config.redisUrl, log);
const running = names.flatMap((name) => {
  const worker = workers[name];
  return worker ? [host(worker, context, { connection, prefix: config.redisPrefix })] : [];
});
const life = await beginLife('worker', names, context, config);
for (const worker of running) {
  worker.on('active', life.progress);
  worker.on('completed', life.progress);
  worker.on('failed', life.progress);
}
log.info('working');

whenToldToStop(log, async () => {
  if (!(await closeAll(running))) log.warn('a handler hangs: its job goes to another worker');
  connection.disconnect();
  await life.end();
  await close();
});

/**
 * The whole system for the bulk bench, each part a process of its own as in production: API, dispatcher, a worker for
 * bulk and one for the rest; and its orders, put there as they are when they have just been created.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { systemClock } from '../kernel/time.ts';
import type { Models } from '../models/open.ts';
import { freePort } from '../scripts/servers/ports.ts';
import { type Supervisor, supervise } from '../scripts/servers/supervisor.ts';
import { putOrders } from './orders.ts';
import { openStage, type Stage } from './stage.ts';

export interface Factory {
  stage: Stage;
  url: string;
  key: string;
  /** Of the bulk worker, in bytes. */
  rss(): Promise<number>;
  redisBytes(): Promise<number>;
  close(): Promise<void>;
}

export const agency = 'bench';
const accounts = 40;
const main = (path: string) => join(import.meta.dirname, '..', path);
const node = [process.execPath, '--import', 'tsx'];

export async function openFactory(orders: number): Promise<Factory> {
  const stage = await openStage();
  await fill(stage.models, orders);
  const issued = { name: 'bench', type: 'service', role: 'order_admin', agency } as const;
  const { key } = await stage.models.apiKeys.issue(issued, systemClock.now());
  const port = await freePort();
  const processes = await started(stage, port);
  const redis = new Redis(stage.redisUrl);
  return {
    ...{ stage, key, url: `http://127.0.0.1:${port}` },
    rss: async () => kilobytes(await readFile(`/proc/${processes.pid('bulk')}/status`, 'utf8')) * 1_024,
    redisBytes: async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0),
    async close() {
      await processes.stop();
      redis.disconnect();
      await stage.close();
    },
  };
}

const kilobytes = (status: string): number => Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);

async function started({ redisUrl, mongoUri }: Stage, port: number): Promise<Supervisor> {
  const env = {
    ...{ MONGODB_URI: mongoUri, REDIS_URL: redisUrl, REDIS_PREFIX: '{bench}', PORT: String(port) },
    ...{ LINK_SECRET: 'a secret of the bench, thirty-two characters', LOG_LEVEL: 'info' },
  };
  const specs = [
    { name: 'api', command: [...node, main('api/main.ts')], env },
    { name: 'dispatcher', command: [...node, main('workers/dispatcher.ts')], env },
    { name: 'setup', command: [...node, main('workers/main.ts'), 'setup'], env },
    { name: 'bulk', command: [...node, main('workers/main.ts'), 'bulk'], env },
  ];
  const waiting = new Set(specs.map(({ name }) => name));
  return new Promise((resolve) => {
    const supervisor = supervise(specs, {
      onLine(name, line) {
        if (/listening http|"dispatching"|"working"/.test(line)) waiting.delete(name);
        if (waiting.size === 0) resolve(supervisor);
        if (/"level":(40|50)/.test(line)) process.stderr.write(`${name}: ${line}\n`);
      },
    });
  });
}

async function fill(models: Models, count: number): Promise<void> {
  const { agencies, accounts: clients } = models;
  await agencies.put({ _id: agency, name: 'Bench', from: { name: 'Bench', email: 'bench@agency.example' } });
  const contact = { name: 'Cleo Client', email: 'cleo@clients.example' };
  const ids = Array.from({ length: accounts }, (_, n) => `account-${n}`);
  for (const _id of ids) {
    await clients.put({ _id, agency, name: _id, timeZone: 'America/New_York', country: 'US', contact });
  }
  await putOrders(models, { count, agency, accounts: ids, product: 'seo', tier: 'basic' });
}

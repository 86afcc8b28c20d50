/**
 * One trial's world: servers, processes and clients of its own, in a folder that is thrown away. Nothing in it is
 * shared with another trial, and it can be put down at any moment.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis as RedisClient } from 'ioredis';
import mongoose from 'mongoose';
import { after, seconds, systemClock } from '../../kernel/time.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { queues } from '../../queues/index.ts';
import { documentOptions } from '../../runtime/mongo.ts';
import { freePort } from '../../scripts/servers/ports.ts';
import type { SimulatedVendor } from '../../scripts/simulators/vendor.ts';
import { seeded } from '../simulation/scheduler.ts';
import { eventually } from '../support/eventually.ts';
import { type Disk, smallDisk } from './disk.ts';
import { type Load, openLoad } from './load.ts';
import { type Mailbox, startMailbox } from './mailbox.ts';
import { temporary } from './mortal.ts';
import { type Life, type Managed, manage } from './process.ts';
import { type Database, privateDatabase, privateRedis, type Redis } from './servers.ts';
import { introduce, openVendors } from './vendors.ts';

export interface Wish {
  seed: number;
  /** Takes the version and the applied ids out of every commit's filter. */
  unfenced?: boolean;
  /** A share of the outage's true length. */
  scale?: number;
  dispatchers?: number;
  redisArgs?: string[];
  /** What the workers are always given beside their environment. */
  workers?: Life;
  /** Vendors, by name; each with an agency and an account of its own. */
  vendors?: readonly string[];
  /** Redis and the database have disks of their own, of so many MB. */
  disks?: { redis: number; database: number };
  /** Starts sites of the scenario's own; resolves to their origins, which the application may then reach. */
  origins?: () => Promise<string[]>;
  /** What every process finds in its environment beside the usual. */
  env?: Record<string, string>;
  /** Workers and dispatchers tell of their health, too. */
  health?: boolean;
  /** Where the application finds the mail server, when not directly. */
  smtpPort?: (direct: number) => Promise<number>;
  /** Where the application finds Redis, when not directly. */
  redisUrl?: (direct: string) => Promise<string>;
}

export interface World {
  dir: string;
  seed: number;
  scale: number;
  random: () => number;
  redis: Redis;
  database: Database;
  models: Models;
  client: RedisClient;
  prefix: string;
  mailbox: Mailbox;
  vendors: Map<string, SimulatedVendor>;
  disks: Record<'redis' | 'database', Disk> | undefined;
  api: Managed;
  workers: Managed[];
  dispatchers: Managed[];
  load: Load;
  apiUrl: string;
  /** Where each process says that it lives; of workers and dispatchers only when it was wished for. */
  live: { name: string; url: string }[];
  /** What nobody may find in a log, in Redis or in the audit. */
  secrets: { linkSecret: string; key: string; smtp: string };
  /** One more process of the application. */
  spawn(name: string, command: string, life?: Life): Managed;
  env: Record<string, string>;
  close(): Promise<void>;
}

const prefix = '{chaos}';
const accountCount = 20;

export async function openWorld({ seed, unfenced = false, scale = 1, ...wish }: Wish): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'orderworks-chaos-'));
  temporary(dir);
  const logs = join(dir, 'logs');
  await mkdir(logs);
  const disks = wish.disks && {
    redis: await smallDisk(join(dir, 'redis'), wish.disks.redis),
    database: await smallDisk(join(dir, 'database'), wish.disks.database),
  };
  const [redis, database, mailbox, vendors] = await Promise.all([
    privateRedis(join(dir, 'redis'), wish.redisArgs),
    privateDatabase(join(dir, 'database'), join(logs, 'database.log')),
    startMailbox(join(dir, 'letters.jsonl')),
    openVendors(wish.vendors ?? [], dir),
  ]);
  const uri = new URL(database.url);
  uri.pathname = '/chaos';
  const connection = await mongoose
    .createConnection(uri.href, { ...documentOptions, serverSelectionTimeoutMS: 2_000, socketTimeoutMS: 20_000 })
    .asPromise();
  connection.on('error', () => undefined);
  const models = openModels(connection);
  await syncIndexes(models);
  const { key, accounts } = await populate(models);
  await introduce(vendors, models);
  const client = new RedisClient(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 200 });
  client.on('error', () => undefined);

  const port = await freePort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const secrets = { linkSecret: `canary-link-secret-${seed}-of-enough-length`, key, smtp: `canary-password-${seed}` };
  const env = {
    MONGODB_URI: uri.href,
    REDIS_URL: (await wish.redisUrl?.(redis.url)) ?? redis.url,
    REDIS_PREFIX: prefix,
    PORT: String(port),
    PUBLIC_URL: apiUrl,
    SMTP_URL: `smtp://sender:${secrets.smtp}@127.0.0.1:${(await wish.smtpPort?.(mailbox.port)) ?? mailbox.port}`,
    LINK_SECRET: secrets.linkSecret,
    OUTSIDE_ALLOW: [...[...vendors.values()].map(({ origin }) => origin), ...((await wish.origins?.()) ?? [])].join(),
    ...wish.env,
  };
  const all: Managed[] = [];
  const spawn = (name: string, command: string, life: Life = {}): Managed => {
    const ready = { api: 'listening http', dispatcher: '"dispatching"' }[name.replace(/\d+$/, '')] ?? '"working"';
    const one = manage({ name, command, env, logs, ready }, life);
    all.push(one);
    return one;
  };
  const fence = unfenced ? ['unfenced.ts'] : [];
  const ofWorkers = { ...wish.workers, preload: [...fence, ...(wish.workers?.preload ?? [])] };
  const live = [{ name: 'api', url: apiUrl }];
  const watched = async (name: string, command: string, life: Life = {}): Promise<Managed> => {
    if (!wish.health) return spawn(name, command, life);
    const healthPort = await freePort();
    live.push({ name, url: `http://127.0.0.1:${healthPort}` });
    return spawn(name, command, { ...life, env: { ...life.env, HEALTH_PORT: String(healthPort) } });
  };
  const api = spawn('api', 'api/main.ts');
  const workers = await each(2, (n) => watched(`worker${n}`, 'workers/main.ts', ofWorkers));
  const dispatchers = await each(wish.dispatchers ?? 1, (n) => watched(`dispatcher${n}`, 'workers/dispatcher.ts'));
  await Promise.all(all.map((one) => one.start()));
  const load = openLoad(join(dir, 'acked.jsonl'), { url: apiUrl, key, seed, accounts }, models);

  return {
    ...{ dir, seed, scale, random: seeded(seed), redis, database, models, client, prefix },
    ...{ mailbox, vendors, disks },
    ...{ api, workers, dispatchers, load, apiUrl, live, secrets, spawn, env },
    async close() {
      await load.end(0);
      await Promise.all(all.map((one) => one.kill(false)));
      client.disconnect();
      await connection.close().catch(() => undefined);
      for (const server of [redis, database]) await server.kill().catch(() => undefined);
      await mailbox.close();
      for (const vendor of vendors.values()) await vendor.close();
      for (const disk of Object.values(disks ?? {})) await disk.close();
      if (process.env['CHAOS_KEEP']) process.stderr.write(`kept ${dir}\n`);
      else await rm(dir, { recursive: true, force: true });
    },
  };
}

/** One after the other, from 1 on. */
async function each<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let n = 1; n <= count; n += 1) made.push(await make(n));
  return made;
}

async function populate({ agencies, accounts, apiKeys }: Models): Promise<{ key: string; accounts: string[] }> {
  const agency = 'north';
  await agencies.put({ _id: agency, name: 'North', from: { name: 'North', email: 'north@agency.example' } });
  const ids = Array.from({ length: accountCount }, (_, n) => `account${n}`);
  for (const _id of ids) {
    const contact = { name: 'Cleo Client', email: 'cleo@clients.example' };
    await accounts.put({ _id, agency, name: _id, timeZone: 'America/New_York', country: 'US', contact });
  }
  const admin = { name: 'chaos', type: 'service', role: 'order_admin', agency } as const;
  return { key: (await apiKeys.issue(admin, systemClock.now())).key, accounts: ids };
}

/** A mail whose sender may still be at it waits this long at most. Other things that wait have a day of their own. */
const soon = seconds(60);

/** Resolves when nothing is open that could be done now, every outbox is empty and Redis holds no job; false if never. */
export async function quiesce({ models, client }: World, within = 120_000): Promise<boolean> {
  const isQuiet = async () => {
    const now = systemClock.now();
    const due = { runAt: { $lte: now } };
    const awaited = { kind: 'notify', runAt: { $lte: after(now, soon) } };
    const [open, ...left] = await Promise.all([
      models.work.model.collection.countDocuments({ state: 'open', $or: [due, awaited] } as never),
      ...models.streams.map(({ model }) => model.collection.countDocuments({ outboxDueAt: { $exists: true } })),
    ]);
    if (open > 0 || left.some((count) => count > 0)) return false;
    const lengths = Object.keys(queues).flatMap((queue) => [
      client.llen(`${prefix}:${queue}:wait`),
      client.llen(`${prefix}:${queue}:active`),
      client.zcard(`${prefix}:${queue}:delayed`),
    ]);
    return (await Promise.all(lengths)).every((length) => length === 0);
  };
  return eventually(isQuiet, { within, every: 200 }).then(
    () => true,
    () => false,
  );
}

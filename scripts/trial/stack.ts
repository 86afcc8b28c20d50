/**
 * Everything the demo runs: a private Redis, the database that was found, and the processes of the Procfile as processes
 * of their own, each started again when it dies; and the world around them: a mailbox, a vendor, and the business time.
 * All of it lives in one temporary folder.
 */
import { randomBytes } from 'node:crypto';
import { createWriteStream, rmSync, type WriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedis } from '../servers/find-redis.ts';
import { freePort } from '../servers/ports.ts';
import { parseProcfile } from '../servers/procfile.ts';
import { settings } from '../servers/redis.ts';
import { type ProcessSpec, supervise } from '../servers/supervisor.ts';
import { looksOfExamples } from '../simulators/looks-of-examples.ts';
import { startSites } from '../simulators/sites.ts';
import { ofHost } from './company.ts';
import { type DatabaseProcess, databaseProcess } from './database-process.ts';
import { openDays } from './days.ts';
import { demoLinkSecret, refusedAddress } from './desk.ts';
import { guard } from './guard.ts';
import { openMailbox } from './mailbox.ts';
import { openVendor } from './vendor.ts';
import { ask } from './visitor.ts';

/** A process that dies right after its start, so many times in a row, will not come up. */
const mostQuickDeaths = 6;

export interface StackOptions {
  root: string;
  /** Of the companies' websites, below example.com. */
  hosts: readonly string[];
  say: (line: string) => void;
  /** Hears how to undo each step as soon as it is taken, so that leaving half-way leaves nothing behind. */
  onUndo: (undo: () => Promise<void>) => void;
  /** Hears that a process ends at every start and is not started any more. */
  onGiveUp: (name: string) => Promise<void>;
}

export type Stack = Awaited<ReturnType<typeof startStack>>;

export async function startStack({ root, hosts, say, onUndo, onGiveUp }: StackOptions) {
  const { dir, folders, watchman } = await openFolders(onUndo);

  const days = openDays(join(dir, 'business-clock'));
  const mailbox = await openMailbox({
    onMail: ({ to, subject }) => say(`mail     ${to}: ${subject}`),
    told: days.told,
    refuses: (address) => refusedAddress.test(address),
  });
  onUndo(mailbox.stop);
  const { simulated, record: vendor } = await openVendor();
  onUndo(simulated.close);
  const database = await databaseProcess({
    dir: folders.database,
    root,
    name: `orderworks_demo_${randomBytes(4).toString('hex')}`,
  });
  say(`Database: ${database.kind} — ${database.why}`);

  const sites = await startSites();
  for (const host of new Set(hosts)) sites.play(ofHost(looksOfExamples(), host));
  onUndo(sites.close);
  const [redisPort, port] = [await freePort(), await freePort()];
  const env = {
    ...environment({ database, redisPort, port, smtpUrl: mailbox.smtpUrl, sites: sites.origin }),
    OUTSIDE_ALLOW: simulated.origin,
    BUSINESS_CLOCK: days.file,
  };
  const redis = { name: 'redis', command: [await findRedis(), ...settings(folders.redis, redisPort)] };
  const specs = [redis, ...(database.process ? [database.process] : []), ...(await ours(root, env))];

  const supervisor = keepUp(specs, { say, onUndo, onGiveUp, watchman, logs: folders.logs });

  return {
    dir,
    env,
    database,
    mailbox,
    days,
    vendor,
    isVendorIdle: simulated.isIdle,
    url: env.PUBLIC_URL,
    names: specs.map(({ name }) => name),
    pid: supervisor.pid,
    logs: folders.logs,
    ready: () => ask(`${env.PUBLIC_URL}/health/ready`),
  };
}

async function openFolders(onUndo: StackOptions['onUndo']) {
  const dir = await mkdtemp(join(tmpdir(), 'orderworks-demo-'));
  const watchman = guard(dir);
  onUndo(async () => {
    await rm(dir, { recursive: true, force: true });
    watchman.dismiss();
  });
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const folders = { redis: join(dir, 'redis'), database: join(dir, 'database'), logs: join(dir, 'logs') };
  await Promise.all(Object.values(folders).map((folder) => mkdir(folder)));
  return { dir, folders, watchman };
}

interface Keeping extends Omit<StackOptions, 'root' | 'hosts'> {
  watchman: ReturnType<typeof guard>;
  /** The folder of the logs. */
  logs: string;
}

/** Starts the processes, and starts each again that dies. */
function keepUp(specs: ProcessSpec[], { say, onUndo, onGiveUp, watchman, logs: folder }: Keeping) {
  const logs = new Map(specs.map(({ name }) => [name, createWriteStream(join(folder, `${name}.log`))]));
  const pids = new Map<string, number>();
  const supervisor = supervise(specs, {
    onLine: (name, line) => logs.get(name)?.write(`${line}\n`),
    onStart: (name, pid) => {
      pids.set(name, pid);
      watchman.watch([...pids.values()]);
      say(`started  ${name.padEnd(14)} pid ${pid}`);
    },
    onDeath: (name, how) => say(`ended    ${name.padEnd(14)} ${how}; it is started again`),
    mostQuickDeaths,
    onGiveUp(name, lines) {
      for (const line of lines) say(`${name} | ${line}`);
      void onGiveUp(name);
    },
  });
  onUndo(async () => {
    await supervisor.stop();
    await Promise.all([...logs.values()].map(ended));
  });
  return supervisor;
}

interface Addresses {
  database: DatabaseProcess;
  redisPort: number;
  port: number;
  smtpUrl: string;
  /** What plays the web sites of the clients. */
  sites: string;
}

function environment({ database, redisPort, port, smtpUrl, sites }: Addresses) {
  return {
    NODE_ENV: 'development',
    MONGODB_URI: database.uri,
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    REDIS_PREFIX: '{orderworks}',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    SMTP_URL: smtpUrl,
    OUTSIDE_STANDIN: sites,
    LINK_SECRET: demoLinkSecret,
  };
}

/** What the Procfile runs, with the demo's addresses. The release step is the seeding's first act. */
async function ours(root: string, env: Record<string, string>): Promise<ProcessSpec[]> {
  const entries = parseProcfile(await readFile(join(root, 'Procfile'), 'utf8'));
  return entries
    .filter(({ name }) => name !== 'release')
    .map(({ name, command }) => ({ name, command: command.map((word) => inRoot(word, root)), env }));
}

const inRoot = (word: string, root: string): string => {
  if (word === 'node') return process.execPath;
  return word.startsWith('dist/') ? join(root, word) : word;
};

function ended(log: WriteStream): Promise<void> {
  return new Promise((resolve) => log.end(() => resolve()));
}

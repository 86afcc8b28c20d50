/**
 * A real `mongod`: where one is, and one started on a private port over a given folder. Nothing is downloaded here
 * unless asked, and a download that failed once on this machine is not tried again: a test run must not wait for it.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from './ports.ts';

export interface Mongod {
  uri: string;
  pid: number;
  stop(): Promise<void>;
}

const DOWNLOAD_LIMIT_MS = 60_000;
const FAILED = join(tmpdir(), 'orderworks-mongod-download-failed');
const ROOT = fileURLToPath(new URL('.', import.meta.url));

export function systemMongod(): string | undefined {
  const given = process.env['MONGOMS_SYSTEM_BINARY'];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return [...(given ? [given] : []), ...folders.map((folder) => join(folder, 'mongod'))].find(isExecutable);
}

export function cachedMongod(): Promise<string | undefined> {
  return askMemoryServer('await DryMongoBinary.locateBinary({ version: config.DEFAULT_VERSION })', 10_000);
}

export async function downloadMongod(): Promise<string | undefined> {
  if (existsSync(FAILED)) return undefined;
  const path = await askMemoryServer('await MongoBinary.getPath()', DOWNLOAD_LIMIT_MS);
  if (!path) writeFileSync(FAILED, 'Delete this file to let the tests try the download of mongod again.\n');
  return path;
}

export async function startMongod(binary: string, dir: string, given?: number): Promise<Mongod> {
  const port = given ?? (await freePort());
  mkdirSync(dir, { recursive: true });
  const args = ['--dbpath', dir, '--port', String(port), '--bind_ip', '127.0.0.1'];
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const failed = once(child, 'exit').then(() => {
    throw new Error(`${binary} ended before it was ready.`);
  });
  await Promise.race([ready(createInterface(child.stdout)), failed]);
  failed.catch(() => {});
  child.stdout.resume();
  return {
    uri: `mongodb://127.0.0.1:${port}/`,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** In a process of its own, which can be ended when the time is up, and may not have the package at all. */
async function askMemoryServer(expression: string, limit: number): Promise<string | undefined> {
  const script = `
    import binary from 'mongodb-memory-server-core/lib/util/MongoBinary.js';
    import dry from 'mongodb-memory-server-core/lib/util/DryMongoBinary.js';
    import config from 'mongodb-memory-server-core/lib/util/resolveConfig.js';
    const { MongoBinary } = binary, { DryMongoBinary } = dry;
    process.stdout.write(String(${expression}));`;
  try {
    const node = ['--input-type=module', '-e', script];
    const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: ROOT, timeout: limit });
    return isExecutable(stdout) ? stdout : undefined;
  } catch {
    return undefined;
  }
}

async function ready(lines: ReturnType<typeof createInterface>): Promise<void> {
  await new Promise<void>((resolve) => {
    lines.on('line', (line) => line.includes('Waiting for connections') && resolve());
  });
}

function isExecutable(path: string): boolean {
  try {
    if (path) accessSync(path, constants.X_OK);
    return path !== '';
  } catch {
    return false;
  }
}

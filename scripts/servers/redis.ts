/**
 * A Redis of our own: its own port on 127.0.0.1, its own folder, never the one that may run on 6379. Started again in
 * the same folder and on the same port it is the same Redis, with everything the append-only file holds.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findRedis } from './find-redis.ts';
import { freePort } from './ports.ts';

export interface RedisOptions {
  dir: string;
  port?: number;
  args?: string[];
}

export interface RedisServer {
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export async function startRedis({ dir, port, args = [] }: RedisOptions): Promise<RedisServer> {
  const binary = await findRedis();
  const chosen = port ?? (await freePort());
  const child = spawn(binary, [...settings(dir, chosen), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  await ready(child);

  return {
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    pid: child.pid ?? 0,
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  };
}

/** The settings BullMQ asks for: durable enough to restart from, and never evicting a job to make room. */
export function settings(dir: string, port: number): string[] {
  const wanted = {
    bind: '127.0.0.1',
    port: String(port),
    dir,
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(wanted).flatMap(([name, value]) => [`--${name}`, value]);
}

async function ready(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('Redis was started without a way to hear it.');
  const said: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    if (line.includes('Ready to accept connections')) {
      child.stdout.resume();
      return;
    }
  }
  throw new Error(`Redis did not start:\n${said.slice(-5).join('\n')}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

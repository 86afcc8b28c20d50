import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { createLog } from '../../runtime/log.ts';
import { connectProducer } from '../../runtime/redis.ts';
import { freePort } from '../../scripts/servers/ports.ts';
import { eventually } from '../support/eventually.ts';
import { root } from '../support/sources.ts';

const given = () => ({
  MONGODB_URI: inject('mongoUri'),
  REDIS_URL: inject('redisUrl'),
  LINK_SECRET: 'x'.repeat(40),
  HOST: '127.0.0.1',
});
const entries = [
  ['The API', ['dist/api/main.js']],
  ['The worker setup+checks', ['dist/workers/main.js', 'setup', 'checks']],
  ['The dispatcher', ['dist/workers/dispatcher.js']],
] as const;

describe('a process that cannot start says what to do, in one go, and ends with 2', () => {
  test.each(entries)('%s, where variables are missing', async (name, command) => {
    const { code, stderr } = await ended(start(command, { SMTP_URL: 'mail.example.com' }));
    expect(code).toBe(2);
    expect(stderr.split('\n').slice(0, 5)).toEqual([
      `${name} cannot start. Set or correct these variables:`,
      '  MONGODB_URI is not set, such as mongodb://127.0.0.1:27017/orderworks.',
      '  REDIS_URL is not set, such as redis://127.0.0.1:6379.',
      '  SMTP_URL must begin with smtp:// or smtps://.',
      '  LINK_SECRET is not set, such as the output of `openssl rand -hex 32`.',
    ]);
    expect(stderr).not.toContain('    at ');
  });

  test.each([
    ['PORT', entries[0][1]],
    ['HEALTH_PORT', entries[1][1]],
    ['HEALTH_PORT', entries[2][1]],
  ])('where %s is taken', async (variable, command) => {
    const port = await takenPort();
    const { code, stderr } = await ended(start(command, { ...given(), [variable]: String(port) }));
    expect(code).toBe(2);
    expect(stderr).toBe(
      `Cannot listen on 127.0.0.1:${port}. The port is already in use. Stop the other program, or set ${variable} to another port.\n`,
    );
  });

  test('where HOST is not an address of this machine', async () => {
    const port = String(await freePort());
    const { code, stderr } = await ended(start(entries[0][1], { ...given(), HOST: '192.0.2.1', PORT: port }));
    expect(code).toBe(2);
    expect(stderr).toContain('HOST (192.0.2.1) is not an address of this machine.');
  });
});

describe('a process whose servers are away', () => {
  test('says so once, with the cure and without the login, and waits', async () => {
    const away = `mongodb://ann:secret@127.0.0.1:${await freePort()}/orders`;
    const api = start(entries[0][1], { ...given(), MONGODB_URI: away, PORT: '0' });
    onTestFinished(() => void api.kill('SIGKILL'));
    const lines: string[] = [];
    createInterface(api.stdout).on('line', (line) => lines.push(line));
    await eventually(() => lines.length > 0);
    const { msg } = JSON.parse(lines[0] ?? '{}');
    expect(msg).toMatch(/^MongoDB does not answer\. Start it, or correct MONGODB_URI \(mongodb:\/\/\*\*\*@127/);
    expect(lines.join('\n')).not.toContain('secret');
    expect(api.exitCode).toBeNull();
  });

  test('tells an outage of Redis once, however often it tries, and its end', async () => {
    const lines: string[] = [];
    const log = createLog('test', 'info', { write: (line) => void lines.push(JSON.parse(line).msg) });
    const redis = connectProducer(`redis://:hush@127.0.0.1:${await freePort()}`, log);
    onTestFinished(() => redis.disconnect());
    let tries = 0;
    redis.on('error', () => {
      tries += 1;
    });
    await eventually(() => tries >= 3);
    expect(lines).toEqual([
      expect.stringMatching(/^Redis does not answer\. Start it, or correct REDIS_URL \(redis:\/\/\*\*\*@/),
    ]);
    redis.emit('ready');
    expect(lines.at(-1)).toBe('Redis answers again.');
  });
});

function start(command: readonly string[], env: Record<string, string>) {
  const [entry = '', ...args] = command;
  const own = { PATH: process.env['PATH'] ?? '', ...env };
  return spawn(process.execPath, [join(root, entry), ...args], { env: own, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ReturnType<typeof start>): Promise<{ code: number | null; stderr: string }> {
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

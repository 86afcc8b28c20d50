/** Nobody's orders end up in the server for trials: it is asked what it is, whoever started it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Embedded, startEmbedded } from '../../embedded/start.ts';
import { connectMongo } from '../../runtime/mongo.ts';

let dir: string;
let server: Embedded;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'not-for-production-'));
  server = await startEmbedded({ dir, sync: false });
});
afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

interface Ending {
  code: unknown;
  said: string;
}

/** How a process ends that is given the embedded server; it is killed when it goes on. */
function run(file: string, env: Record<string, string>): Promise<Ending> {
  const own = {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'production',
    MONGODB_URI: `${server.uri}orders`,
    REDIS_URL: inject('redisUrl'),
    PORT: '0',
    LINK_SECRET: 'x'.repeat(40),
    ...env,
  };
  const args = ['--import', 'tsx', ...file.split(' ')];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      args,
      { env: own, timeout: 40_000, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        resolve({ code: error ? error.code : 0, said: `${stdout}${stderr}` });
      },
    );
    child.stdin?.end();
  });
}

describe('the embedded server', () => {
  test('is refused in production, and taken elsewhere', async () => {
    await expect(connectMongo(server.uri, { production: true })).rejects.toThrow(
      /embedded server, for trials and tests/,
    );
    const connection = await connectMongo(server.uri);
    await connection.close();
  });

  test.each(['api/main.ts', 'workers/main.ts setup', 'workers/dispatcher.ts'])(
    '%s ends when it meets it in production',
    async (file) => {
      const { code, said } = await run(file, {});
      expect(code).toBe(2);
      expect(said).toMatch(/embedded server, for trials and tests. Use a MongoDB server in production/);
    },
  );

  test('does not start in production', async () => {
    const { code, said } = await run(`embedded/main.ts --dir ${join(dir, 'other')}`, {});
    expect(code).toBe(1);
    expect(said).toMatch(/never for production/);
  });

  test('says when it starts what it is for', async () => {
    const { said } = await run(`embedded/main.ts --dir ${join(dir, 'said')} --parent`, { NODE_ENV: 'development' });
    expect(said).toMatch(/^listening mongodb:\/\/127\.0\.0\.1:\d+\/ .*for trials and tests, not for production/);
  });
});

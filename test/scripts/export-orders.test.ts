import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { withoutGuard } from '../../runtime/csv-cells.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { runScript, type ScriptOptions } from '../support/script.ts';

// Each call starts a process, which takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 300_000 });
let api: TestApi;
let env: Record<string, string>;
let dir: string;
const titles = ['=1+1', 'Plain, with "quotes"', '@SUM(A1)', 'Bäckerei', "'=kept", 'Seven', 'Eight'];

beforeAll(async () => {
  api = await anApi();
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  env = { ORDERWORKS_URL: url, ORDERWORKS_KEY: api.keys.order_admin };
  dir = await mkdtemp(join(tmpdir(), 'orderworks-export-'));
  for (const title of titles) await api.order('listings', { title });
  await api.order('seo', { title: 'Another product' });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const exported = (args: string[], options: ScriptOptions = {}) =>
  runScript('export-orders', args, { ...options, env: { ...env, ...options.env } });

describe('export-orders', () => {
  test('writes the filtered list as CSV, oldest first, with no formula in it', async () => {
    const { code, stdout, stderr } = await exported(['--product', 'listings', '--page-size', '2']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '7 orders.\n' });
    const rows = parse(stdout, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ title = '' }) => withoutGuard(title))).toEqual(titles);
    expect(rows.map(({ title }) => title).filter((title) => /^[=+@-]/.test(title ?? ''))).toEqual([]);
    expect(rows[0]).toMatchObject({ account: 'acme', status: 'setup', client_email: 'cleo@example.com' });
  });

  test('writes JSON lines with everything, and a file that says how many', async () => {
    const lines = await exported(['--format', 'jsonl', '--q', 'another']);
    expect(JSON.parse(lines.stdout)).toMatchObject({ title: 'Another product', stages: expect.any(Array) });

    const out = join(dir, 'some.csv');
    const { stdout } = await exported(['--out', out, '--json', '--bom', '--columns', 'id,title', '--quiet']);
    expect(JSON.parse(stdout)).toMatchObject({ orders: 8, file: out });
    const written = await readFile(out, 'utf8');
    expect(written.startsWith('\ufeffid,title\r\n')).toBe(true);
    expect(Buffer.byteLength(written)).toBe(JSON.parse(stdout).bytes);
  });

  test('is seen by what the key may see alone', async () => {
    const south = await api.models.apiKeys.issue(
      { name: 'South', type: 'service', role: 'order_admin', agency: 'south' },
      new Date(),
    );
    const { stdout } = await exported(['--columns', 'id'], { env: { ORDERWORKS_KEY: south.key } });
    expect(stdout).toBe('id\r\n');
  });

  test('interrupted, keeps its place, and goes on from there to the same file', async () => {
    const out = join(dir, 'stopped.csv');
    const args = ['--out', out, '--page-size', '1', '--columns', 'title'];
    let pages = 0;
    const stopped = new Promise<() => void>((resolve) => {
      api.app.server.on('request', function count(_request, response) {
        response.once('finish', () => {
          pages += 1;
          if (pages === 3) resolve(() => api.app.server.off('request', count));
        });
      });
    });
    const running = exported(args, {
      onStart: (signal) =>
        void stopped.then((done) => {
          done();
          signal('SIGINT');
        }),
    });
    const { code, stderr } = await running;
    expect(code).toBe(130);
    expect(stderr).toContain(`./scripts/export-orders --out ${out} --page-size 1 --columns title --resume`);
    expect(await readdir(dir)).not.toContain('stopped.csv');

    expect(await exported([...args.slice(0, 2), '--resume'])).toMatchObject({ code: 5 });
    expect(await exported([...args, '--resume'])).toMatchObject({ code: 0 });
    const whole = await exported(['--columns', 'title', '--quiet']);
    expect(await readFile(out, 'utf8')).toBe(whole.stdout);
    expect((await readdir(dir)).filter((name) => name.startsWith('stopped'))).toEqual(['stopped.csv']);
  });

  test.each([
    [
      'values that do not pass',
      ['--product', 'sea', '--start-date', 'x'],
      {},
      2,
      /--start-date: Use a date.*\n--product: Use one or more of/,
    ],
    ['a column that there is not', ['--columns', 'id,price'], {}, 2, /Unknown column price\. Available: id, account/],
    ['a mistyped flag', ['--prodct', 'seo'], {}, 2, /Did you mean --product\?/],
    ['nothing to resume', ['--out', '/nowhere/x.csv', '--resume'], {}, 3, /nothing to resume/],
    ['no key', [], { ORDERWORKS_KEY: '' }, 4, /Set ORDERWORKS_KEY/],
    ['a wrong key', [], { ORDERWORKS_KEY: 'ow_nobody_x' }, 4, /The API key is not valid/],
    ['a service that is away', [], { ORDERWORKS_URL: 'http://127.0.0.1:1' }, 75, /cannot be reached/],
    ['a switch that is neither on nor off', [], { EXPORT_ORDERS_BOM: 'perhaps' }, 2, /Use 1 or 0/],
  ])('refuses %s', async (_what, args, given, exit, words) => {
    const { code, stdout, stderr } = await exported(args, { env: given });
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
    expect(stderr).toMatch(words);
  });
});

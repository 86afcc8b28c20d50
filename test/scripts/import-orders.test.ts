import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { anApi, type TestApi } from '../support/api.ts';
import { runScript, type ScriptOptions } from '../support/script.ts';
import { root } from '../support/sources.ts';

// Each call starts a process, which takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 300_000 });
let api: TestApi;
let env: Record<string, string>;
let dir: string;

beforeAll(async () => {
  api = await anApi();
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  env = { ORDERWORKS_URL: url, ORDERWORKS_KEY: api.keys.order_admin };
  dir = await mkdtemp(join(tmpdir(), 'orderworks-import-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const heading = 'account,product,tier,title,client_name,client_email';
const good = (title: string) => `acme,listings,basic,${title},Cleo,cleo@example.com`;

async function aFile(name: string, content: string | Buffer): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, content);
  return path;
}

const csv = (name: string, ...lines: string[]) => aFile(name, `${[heading, ...lines].join('\n')}\n`);
const imported = (args: string[], options: ScriptOptions = {}) =>
  runScript('import-orders', args, { ...options, env: { ...env, ...options.env } });
const accepted = (title: string) =>
  api.models.work.model.collection.countDocuments({ 'payload.command.title': { $regex: `^${title}` } } as never);

describe('a rehearsal', () => {
  test('tells of every line what would become of it, and sends none', async () => {
    const file = await csv(
      'rehearsed.csv',
      good('Rehearsed'),
      'acme,listings,gold,Rehearsed,Cleo,cleo@example.com',
      'acme,listings,basic,Rehearsed,Cleo,nobody',
      'acme,listings,basic',
      `acme,listings,basic,"Rehearsed ${'\n'} on two lines",Cleo,cleo@example.com`,
      'acme,listings,basic,Rehearsed "twice",Cleo,cleo@example.com',
      good('Rehearsed at the end'),
      good('Rehearsed'),
    );
    const { code, stdout, stderr } = await imported([file, '--json'], { env: { ORDERWORKS_KEY: '' } });
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told.at(-1)).toEqual({
      result: { created: 0, known: 0, would_create: 3, duplicate: 1, rejected: 4, lines: 8, exit: 'partly' },
    });
    expect(told.slice(0, -1).map(({ line, verdict, errors }) => [line, verdict, errors?.[0]?.pointer])).toEqual([
      [2, 'would_create', undefined],
      [3, 'rejected', '/tier'],
      [4, 'rejected', '/client/email'],
      [5, 'rejected', ''],
      [6, 'would_create', undefined],
      [8, 'rejected', ''],
      [9, 'would_create', undefined],
      [10, 'duplicate', undefined],
    ]);
    expect(code).toBe(6);
    expect(stderr).toContain(`./scripts/import-orders ${file} --json --apply`);
    expect(await accepted('Rehearsed')).toBe(0);
  });

  test('refuses a file that is not there, and one that is no text, before anything is sent', async () => {
    const book = await aFile('book.csv', Buffer.from('PK\x03\x04rest'));
    const [absent, workbook] = await Promise.all([imported([join(dir, 'none.csv')]), imported([book, '--apply'])]);
    expect(absent).toMatchObject({ code: 3, stdout: '' });
    expect(workbook).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('save it as "CSV UTF-8"') });
  });
});

describe('an import', () => {
  test('creates the good lines once, however often it runs, and lists the others with what would pass', async () => {
    const file = await csv(
      'mixed.csv',
      good('Mixed one'),
      'nobody,listings,basic,Mixed,C,c@example.com',
      good('Mixed two'),
    );
    const first = await imported([file, '--apply']);
    expect(first).toMatchObject({ code: 6, stderr: '3 lines: 2 accepted, 1 rejected.\n' });
    const [reject] = parse(await readFile(`${file}.rejects.csv`), { columns: true }) as Record<string, string>[];
    expect(reject).toMatchObject({ line: '3', field: 'account', rule: 'unknown_account' });
    expect(reject?.['what_would_pass']).toContain('one of your accounts');

    const again = await imported([file, '--apply']);
    expect(again).toMatchObject({ code: 6, stderr: '3 lines: 2 already known, 1 rejected.\n' });
    expect(await accepted('Mixed')).toBe(2);
    await api.work();
    const orders = api.models.orders.model.collection;
    expect(
      await orders.countDocuments({ 'state.title': { $regex: '^Mixed' }, 'state.source': 'import' } as never),
    ).toBe(2);
  });

  test('reads other columns, values and encodings by a mapping, and knows an order by its key', async () => {
    const mapping = await aFile(
      'mapping.json',
      JSON.stringify({
        columns: { key: 'Rechnung', title: 'Auftrag', 'client.name': 'Kontakt', 'client.email': 'E-Mail' },
        values: { product: { Einträge: 'listings' } },
        defaults: { account: 'acme', tier: 'basic' },
      }),
    );
    const lines = (title: string) =>
      `product;Rechnung;Auftrag;Kontakt;E-Mail\nEinträge;4711;${title};Jürgen;j@example.com\n`;
    const args = ['--mapping', mapping, '--encoding', 'windows-1252', '--apply'];
    const file = await aFile('kunden.csv', Buffer.from(lines('Bäckerei'), 'latin1'));
    expect(await imported([file, ...args])).toMatchObject({ code: 0, stderr: '1 lines: 1 accepted.\n' });
    expect(await accepted('Bäckerei')).toBe(1);

    const other = await aFile('kunden2.csv', Buffer.from(lines('Konditorei'), 'latin1'));
    const { code, stdout } = await imported([other, ...args]);
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringContaining('key (key_reused)') });
  });

  test('interrupted twice and cut off once, it goes on and neither loses nor doubles a line', async () => {
    const titles = Array.from({ length: 140 }, (_, n) => `Stopped ${n}`);
    const file = await csv('stopped.csv', ...titles.map(good));
    for (const signal of ['SIGINT', 'SIGKILL', 'SIGTERM'] as const) {
      const seen = requests(20);
      const { code, stderr } = await imported([file, '--apply', ...(signal === 'SIGINT' ? [] : ['--resume'])], {
        onStart: (send) => void seen.then(() => send(signal)),
      });
      expect(code).toBe(signal === 'SIGKILL' ? null : 130);
      if (code === 130) expect(stderr).toContain(`./scripts/import-orders ${file} --apply --resume`);
    }
    const { code, stderr } = await imported([file, '--apply']);
    expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining('--from-start') });

    const { stdout, ...end } = await imported([file, '--apply', '--resume', '--json']);
    expect(end.code).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '').result).toMatchObject({ lines: 140, rejected: 0 });
    expect(await accepted('Stopped')).toBe(140);
    expect((await readdir(dir)).filter((name) => name.startsWith('stopped.csv.check'))).toEqual([]);
  });

  test('asks before it sends much, and names the flag where nobody can be asked', async () => {
    const file = await csv('large.csv', ...Array.from({ length: 1_001 }, (_, n) => good(`Large ${n}`)));
    const { code, stderr } = await imported([file, '--apply', '--quiet']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('Use --yes') });
    expect(stderr).toContain('1001 orders would be created');
    expect(await accepted('Large')).toBe(0);
  });

  test('sends nothing with a key that lacks the right', async () => {
    const file = await csv('rights.csv', good('Without right'));
    const { code, stderr } = await imported([file, '--apply'], { env: { ORDERWORKS_KEY: api.keys.account_manager } });
    expect(code).toBe(4);
    expect(stderr).toContain('does not have the right');
    expect(await accepted('Without right')).toBe(0);
  });
});

/** Resolves when the service has answered so many orders from now. */
function requests(count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    api.app.server.on('request', function hear({ method }, response) {
      if (method !== 'POST') return;
      response.once('finish', () => {
        left -= 1;
        if (left > 0) return;
        api.app.server.off('request', hear);
        resolve();
      });
    });
  });
}

describe('what people have', () => {
  const rehearsed = async (file: string) => {
    const { stdout } = await imported([file, '--json', '--quiet']);
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return told.slice(0, -1).map(({ verdict, account, errors }) => account ?? `${verdict}: ${errors?.[0]?.message}`);
  };

  test('accounts go by name or id, and a name that several have is refused with all of them', async () => {
    const { accounts } = api.models;
    const acme = (await accounts.get('acme'))!;
    const like = { timeZone: acme.timeZone, country: acme.country, contact: acme.contact };
    await accounts.put({ ...like, _id: 'zoe', agency: acme.agency, name: 'Zoë’s Bakery' });
    await accounts.put({ ...like, _id: 'twin-1', agency: acme.agency, name: 'Twin' });
    await accounts.put({ ...like, _id: 'twin-2', agency: acme.agency, name: 'twin' });
    const line = (name: string) => `${name},listings,basic,By name,Cleo,cleo@example.com`;
    const file = await csv('named.csv', ...["Zoe's bakery", 'zoe', 'Twin', 'Nobody at all'].map(line));
    expect(await rehearsed(file)).toEqual([
      'zoe',
      'duplicate: undefined',
      'rejected: 2 accounts are called "Twin": twin-1 (north), twin-2 (north). Use the id of one.',
      'rejected: Use the id or the name of one of your accounts.',
    ]);
    const { stdout } = await imported([file, '--apply', '--json', '--quiet']);
    expect(stdout).toContain('"verdict":"created"');
    const item = await api.models.work.model.collection.findOne({ 'payload.command.title': 'By name' } as never);
    expect(item).toMatchObject({ account: 'zoe' });
  });

  test('an export of orders is read again as it was written, with semicolons and empty columns too', async () => {
    await api.order('listings', { title: '=Sum; "x", Ä', reference: 'R-1' });
    const { stdout } = await runScript('export-orders', ['--reference', 'R-1'], { env });
    const [heading = '', row = ''] = stdout.split('\r\n');
    expect(heading.split(',')).toEqual(
      expect.arrayContaining(['account_name', 'reference', 'priority', 'tags', 'due_on', 'blocker']),
    );
    const file = await aFile('again.csv', `sep=,\n${heading},,\r\n${row},,\r\n,,,\r\n`);
    const told = await imported([file, '--json'], {});
    expect(JSON.parse(told.stdout.split('\n')[0] ?? '')).toMatchObject({
      ...{ line: 3, verdict: 'would_create', account: 'acme', title: '=Sum; "x", Ä' },
    });
    expect(told.stderr).toContain('Columns that no order is read from: id, account_name');
  });

  test('the example orders of the README are read, with the accounts there are', async () => {
    const { stdout } = await imported([join(root, 'examples/orders.csv'), '--json'], { env: { ORDERWORKS_KEY: '' } });
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told.at(-1).result).toMatchObject({ lines: 60, would_create: 58, rejected: 2 });
  });
});

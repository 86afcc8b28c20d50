import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { putOrders } from '../../bench/orders.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { aBulk } from '../support/bulk.ts';
import { runScript, type ScriptRun } from '../support/script.ts';
import { atTerminal, hasTerminal } from '../support/terminal.ts';

// Each call starts a process, which takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 300_000 });
let api: TestApi;
let env: Record<string, string>;
let dir: string;
let orders: string[];
let during: ReturnType<typeof aBulk>['during'];
let scripted: (name: string, ...args: string[]) => Promise<ScriptRun>;

beforeAll(async () => {
  api = await anApi();
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  env = { ORDERWORKS_URL: url, ORDERWORKS_KEY: api.keys.order_admin };
  ({ during } = aBulk(api));
  scripted = (name, ...args) => during(() => runScript(name, args, { env }));
  dir = await mkdtemp(join(tmpdir(), 'orderworks-bulk-'));
  orders = [];
  for (const title of ['One', 'Two', 'Three']) orders.push(await api.order('listings', { title }));
  const many = { count: 1_001, agency: 'north', accounts: ['acme'], product: 'backlinks', tier: 'standard' };
  await putOrders(api.models, many);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const bulk = (...args: string[]) => scripted('bulk-update', ...args);
/** A plan to tag every order of a product, which has not been started. */
async function planFor(product: string, tag: string): Promise<{ id: string; hash: string }> {
  const planned = await bulk('plan', 'tag-order', `add=["${tag}"]`, '--product', product, '--reason', 'a trial');
  const [, id = '', hash = ''] = /bulk-update start (\S+) --hash (\S+)/.exec(planned.stderr) ?? [];
  return { id, hash };
}
const states = async () => Promise.all(orders.map(async (id) => (await api.models.orders.get(id))?.state));

describe('bulk-update', () => {
  test('plans and changes nothing, starts that plan by its hash, tells the result, and undoes it', async () => {
    const before = await states();
    const planned = await bulk('plan', 'set-priority', 'priority=high', '--product', 'listings', '--reason', 'a trial');
    expect(planned.code).toBe(0);
    expect(planned.stdout).toContain('3 would change');
    expect(planned.stdout).toMatch(/priority: .* → "high"/);
    expect(await states()).toEqual(before);

    const [, id = '', hash = ''] = /bulk-update start (\S+) --hash (\S+)/.exec(planned.stderr) ?? [];
    expect(await bulk('start', id, '--hash', 'f'.repeat(64))).toMatchObject({ code: 5 });
    const started = await bulk('start', id, '--hash', hash);
    expect(started).toMatchObject({ code: 0, stdout: expect.stringContaining('completed: 3 updated') });
    expect((await states()).map((state) => state?.priority)).toEqual(['high', 'high', 'high']);

    const out = join(dir, 'result.csv');
    expect(await bulk('result', id, '--out', out)).toMatchObject({ code: 0, stdout: '' });
    expect((await readFile(out, 'utf8')).trim().split('\n')).toHaveLength(4);

    const undone = await bulk('undo', id, '--reason', 'only a trial', '--apply', '--yes');
    expect(undone).toMatchObject({ code: 0, stdout: expect.stringContaining('3 updated') });
    expect((await states()).map((state) => state?.priority)).toEqual(before.map((state) => state?.priority));
  });

  test('takes the orders of a file, and needs a word before what can not be undone', async () => {
    const file = join(dir, 'ids.csv');
    const [one, two] = [await api.order('seo'), await api.order('seo')];
    await writeFile(file, `id,title\n${one},One\n${two},Two\n`);
    const args = ['plan', 'resend-link', '--file', file, '--reason', 'new address', '--apply'];
    const refused = await bulk(...args);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('Use --yes') });
    expect(refused.stdout).toContain('2 would change');
    expect(refused.stdout).toContain('This cannot be undone');
  });

  test('starts more than a thousand orders only by their number', async () => {
    const { id, hash } = await planFor('backlinks', 'many');
    const start = (...args: string[]) => bulk('start', id, '--hash', hash, ...args);
    expect(await start()).toMatchObject({ code: 2, stderr: expect.stringContaining('or --confirm 1001') });
    expect(await start('--confirm', '1000')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing was changed. 1001 orders will change. "1000" is not 1001.'),
    });
    expect((await api.models.operations.get(id))?.status).toBe('planned');
    const started = await start('--confirm', '1001');
    expect(started).toMatchObject({ code: 0, stdout: expect.stringContaining('completed: 1001 updated') });
  });

  test.skipIf(!hasTerminal)('asks for their number at a terminal, and goes on when it is typed', async () => {
    const { id, hash } = await planFor('backlinks', 'more');
    const args = ['start', id, '--hash', hash];
    const question = { env, at: 'Type 1001 to continue:' };
    const mistyped = await atTerminal('bulk-update', args, { ...question, typed: 'yes' });
    expect(mistyped).toMatchObject({ code: 1, shown: expect.stringContaining('"yes" is not 1001.') });
    expect((await api.models.operations.get(id))?.status).toBe('planned');
    const started = await during(() => atTerminal('bulk-update', args, { ...question, typed: '1001' }));
    expect(started).toMatchObject({ code: 0, shown: expect.stringContaining('completed: 1001 updated') });
  });

  test.each([
    ['no orders', ['plan', 'clear', '--reason', 'x'], 'Select the orders'],
    ['an action that there is not', ['plan', 'delete', '--all', '--reason', 'x'], 'Use one of tag-order, note-order'],
    ['a value that does not pass', ['plan', 'set-status', 'status=on', '--all', '--reason', 'x'], 'Use one of paused'],
    ['a mistyped verb', ['pasue', 'x'], 'Did you mean pause?'],
    ['no reason', ['plan', 'clear', '--all'], "required option '--reason <sentence>'"],
  ])('refuses %s', async (_what, args, words) => {
    const { code, stderr } = await runScript('bulk-update', args, { env });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });

  test('says that there is no such operation', async () => {
    expect(await runScript('bulk-update', ['show', 'nothing'], { env })).toMatchObject({ code: 3, stdout: '' });
  });
});

describe('migrate-workflow', () => {
  test('plans a canary of the oldest orders, and names what keeps them where they are', async () => {
    const args = ['listings', '--to', '1', '--canary', '2', '--reason', 'a trial', '--json'];
    const { code, stdout } = await scripted('migrate-workflow', ...args);
    expect({ code, ...JSON.parse(stdout).plan }).toMatchObject({ code: 0, total: 2, verdicts: { will_change: 0 } });
  });
});

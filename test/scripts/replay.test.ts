import { beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../kernel/time.ts';
import { openWork } from '../../kernel/work.ts';
import { openModels } from '../../models/open.ts';
import { databaseUri, freshDatabase } from '../support/mongo.ts';
import { runScript } from '../support/script.ts';

// Each call starts a process, which takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 300_000 });
const connection = await freshDatabase();
const models = openModels(connection);
const env = { MONGODB_URI: databaseUri(connection.name) };
const items = models.work.model.collection;
const fingerprint = '0123456789abcdef';

beforeAll(async () => {
  const now = systemClock.now();
  const actor = { type: 'service' as const, id: 'test' };
  for (const id of ['a', 'b', 'c']) {
    const draft = { _id: id, queue: 'setup', kind: 'command', schema: 1, payload: {}, actor, cause: 'api' as const };
    const item = openWork({ ...draft, agency: 'north', account: 'acme', order: `ord_${id}` }, 'ready', now);
    const failure = { fingerprint, message: 'no such \u001b[31mhost', at: now };
    await items.insertOne({ ...item, state: 'dead', settledAt: now, failure } as never);
  }
});

const replay = (...args: string[]) => runScript('replay', args, { env });
const count = (state: string) => items.countDocuments({ state } as never);
const why = ['--reason', 'fixed in 1.4.2', '--as', 'ann'];

describe('replay', () => {
  test('lists causes and their items, without what a terminal would obey', async () => {
    const { stdout } = await replay('list');
    expect(stdout).toContain(`${fingerprint}  3 × setup/command, 3 orders wait\n    no such  [31mhost\n`);
    expect(JSON.parse((await replay('show', fingerprint, '--json')).stdout)).toHaveLength(3);
    expect(await replay('show', 'f'.repeat(16))).toMatchObject({ code: 3, stdout: '' });
  });

  test('changes nothing until it is told; then one, then a cause, with who and why in the audit', async () => {
    const rehearsed = await replay('group', fingerprint, ...why);
    expect(rehearsed).toMatchObject({ code: 0, stdout: '0 of 3 items tried again.\n' });
    expect(rehearsed.stderr).toContain(
      `./scripts/replay group ${fingerprint} --reason 'fixed in 1.4.2' --as ann --apply`,
    );
    expect(await count('dead')).toBe(3);

    expect(await replay('item', 'a', ...why, '--apply')).toMatchObject({
      code: 0,
      stdout: '1 of 1 items tried again.\n',
    });
    expect(await count('open')).toBe(1);
    const given = await replay('discard', fingerprint, ...why, '--apply');
    expect(given).toMatchObject({ code: 2, stderr: expect.stringContaining('Use --yes') });
    expect(await replay('discard', fingerprint, ...why, '--apply', '--yes')).toMatchObject({ code: 0 });
    expect([await count('dead'), await count('discarded')]).toEqual([0, 2]);
    const line = await connection.collection('queue_interventions').findOne({ _id: 'setup' as never });
    expect(line?.['history'].at(-1)).toMatchObject({ reason: 'fixed in 1.4.2', actor: { id: 'ann' } });
  });
});

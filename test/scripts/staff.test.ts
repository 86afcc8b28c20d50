import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../kernel/time.ts';
import { openModels } from '../../models/open.ts';
import { databaseUri, freshDatabase } from '../support/mongo.ts';
import { runScript, type ScriptRun } from '../support/script.ts';

// Each call starts a process, which takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 120_000 });
const connection = await freshDatabase();
const models = openModels(connection);
const uri = databaseUri(connection.name);

const staff = (...args: string[]) => rehearsed('--apply', ...args);

const rehearsed = (...args: string[]): Promise<ScriptRun> => runScript('staff', ['--mongodb', uri, ...args]);

const nordlicht = ['agency', 'nordlicht', '--name', 'Nordlicht', '--mail', 'hallo@nordlicht.example'];

describe('staff', () => {
  test('makes an agency, an account and a key that works until it is revoked', async () => {
    expect(await staff(...nordlicht)).toMatchObject({ code: 0 });
    const contact = ['--contact', 'Jürgen Müller', '--mail', 'juergen@mueller.example'];
    const place = ['--zone', 'Europe/Berlin', '--country', 'DE'];
    await staff('account', 'acc_mueller', '--agency', 'nordlicht', '--name', 'Bäckerei Müller', ...place, ...contact);
    const made = await models.accounts.get('acc_mueller');
    expect(made).toMatchObject({ agency: 'nordlicht', timeZone: 'Europe/Berlin', version: 1 });
    expect(made?.history[0]).toMatchObject({ action: 'make-account', actor: { id: 'scripts-staff' } });

    const { stdout } = await staff('key', 'Ann', '--role', 'setup_manager', '--agency', 'nordlicht');
    const key = stdout.trim();
    const found = await models.apiKeys.find(key, systemClock.now());
    expect(found).toMatchObject({ name: 'Ann', role: 'setup_manager', agency: 'nordlicht', type: 'staff' });

    const list = await staff('keys');
    expect(list.stdout).toContain(`${found?._id}\tvalid\tstaff\tsetup_manager\tnordlicht\tAnn`);
    expect(list.stdout).not.toContain(key.slice(-20));

    expect(await staff('revoke', found?._id ?? '')).toMatchObject({ code: 0 });
    expect(await models.apiKeys.find(key, systemClock.now())).toBeUndefined();
  });

  test('writes nothing until it is told, and nothing for an agency that is not there', async () => {
    const { stdout } = await rehearsed('agency', 'sakura', '--name', 'Sakura', '--mail', 'a@sakura.example');
    expect(JSON.parse(stdout)).toMatchObject({ _id: 'sakura' });
    expect(await models.agencies.get('sakura')).toBeNull();

    const refused = await staff('key', 'Bob', '--role', 'fulfillment', '--agency', 'nowhere');
    expect(refused).toMatchObject({ code: 3, stdout: '', stderr: 'There is no agency "nowhere". Make it first.\n' });
  });

  test.each([
    ['a role that there is not', ['key', 'Bob', '--role', 'emperor'], 'order_admin, setup_manager'],
    ['a zone that there is not', ['account', 'a', '--zone', 'Mars/Olympus'], 'IANA time zone'],
    ['a mail address that is none', [...nordlicht.slice(0, 4), '--mail', 'nobody'], 'Enter an email address'],
    ['an account manager without accounts', ['key', 'Bob', '--role', 'account_manager'], 'must name its accounts'],
  ])('refuses %s', async (_what, args, words) => {
    const { code, stderr } = await staff(...args);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(words);
  });
});

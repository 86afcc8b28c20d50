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

  test('makes secrets for delivery reports, each printed once, of which the last two hold', async () => {
    await models.agencies.put({ _id: 'nordwind', name: 'N', from: { name: 'N', email: 'n@nordwind.example' } });
    const { stdout: shown } = await rehearsed('agency', 'nordwind', '--new-mail-secret');
    expect(shown).not.toContain('whsec_');
    expect(await models.agencies.get('nordwind')).not.toHaveProperty('mailSecrets');
    const made: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { stdout } = await staff('agency', 'nordwind', '--new-mail-secret');
      made.push(/whsec_[\w+/]{32}/.exec(stdout)?.[0] ?? '');
    }
    expect(new Set(made).size).toBe(3);
    expect((await models.agencies.get('nordwind'))?.mailSecrets).toEqual(made.slice(1));
  });

  test('writes nothing until it is told, and nothing for an agency that is not there', async () => {
    const { stdout } = await rehearsed('agency', 'sakura', '--name', 'Sakura', '--mail', 'a@sakura.example');
    expect(JSON.parse(stdout)).toMatchObject({ _id: 'sakura' });
    expect(await models.agencies.get('sakura')).toBeNull();

    const refused = await staff('key', 'Bob', '--role', 'fulfillment', '--agency', 'nowhere');
    expect(refused).toMatchObject({
      code: 3,
      stdout: '',
      stderr: 'Agency "nowhere" does not exist. Create it first.\n',
    });
  });

  test('changes the fields given and leaves every other as it is', async () => {
    await models.agencies.put({
      ...{ _id: 'alpenblick', name: 'Alpenblick', from: { name: 'Alpenblick', email: 'a@alpenblick.example' } },
      ...{ colour: '#112233', timeZone: 'Europe/Zurich', words: { greeting: 'Grüezi' } },
      ...{
        logoUrl: 'https://alpenblick.example/logo.png',
        replyTo: { name: 'Alpenblick', email: 'r@alpenblick.example' },
      },
    });
    const before = await models.agencies.get('alpenblick');
    expect(await staff('agency', 'alpenblick', '--colour', '#445566')).toMatchObject({ code: 0 });
    expect(await models.agencies.get('alpenblick')).toEqual({ ...before, colour: '#445566' });
    await staff('agency', 'alpenblick', '--mail', 'b@alpenblick.example', '--unset', 'colour', 'logoUrl');
    const { colour: _, logoUrl: __, ...kept } = before ?? {};
    const from = { name: 'Alpenblick', email: 'b@alpenblick.example' };
    expect(await models.agencies.get('alpenblick')).toEqual({ ...kept, from });

    await staff('agency', 'alpenblick', '--closing', 'Freundliche Grüsse');
    const words = { greeting: 'Grüezi', closing: 'Freundliche Grüsse' };
    expect(await models.agencies.get('alpenblick')).toEqual({ ...kept, from, words });
    await staff('agency', 'alpenblick', '--unset', 'words');
    expect(await models.agencies.get('alpenblick')).not.toHaveProperty('words');

    const person = {
      _id: 'ann',
      name: 'Ann',
      email: 'ann@alpenblick.example',
      timeZone: 'Europe/Zurich',
      capacity: 30,
    };
    await models.staff.put({ ...person, agency: 'alpenblick' });
    await staff('person', 'ann', '--capacity', '12');
    expect(await models.staff.get('ann')).toEqual({ ...person, agency: 'alpenblick', capacity: 12 });
    await staff('person', 'ann', '--unset', 'capacity');
    expect((await models.staff.get('ann'))?.capacity).toBeUndefined();

    const contact = { name: 'Urs', email: 'urs@kunde.example' };
    const profile = { agency: 'alpenblick', name: 'Kunde', timeZone: 'Europe/Zurich', country: 'CH', contact };
    await models.accounts.put({ _id: 'acc_kunde', ...profile });
    await staff('account', 'acc_kunde', '--mail', 'ursula@kunde.example');
    const changed = await models.accounts.get('acc_kunde');
    expect(changed).toMatchObject({ ...profile, contact: { name: 'Urs', email: 'ursula@kunde.example' }, version: 2 });
    expect(changed?.history.at(-1)).toMatchObject({ action: 'change-account', actor: { id: 'scripts-staff' } });
  });

  test('names everything that a new record lacks', async () => {
    const { code, stderr } = await staff('account', 'acc_new', '--name', 'New');
    expect(code).toBe(2);
    expect(stderr).toContain('A new one needs --agency, --zone, --country, --contact, --mail.');
    expect(await models.accounts.get('acc_new')).toBeNull();
  });

  test.each([
    ['a role that there is not', ['key', 'Bob', '--role', 'emperor'], 'order_admin, setup_manager'],
    ['a zone that there is not', ['account', 'a', '--zone', 'Mars/Olympus'], 'IANA time zone'],
    ['a capacity that is no number', ['person', 'bob', '--capacity', 'many'], 'whole number from 1'],
    ['a mail address that is none', [...nordlicht.slice(0, 4), '--mail', 'nobody'], 'Enter an email address'],
    ['an account manager without accounts', ['key', 'Bob', '--role', 'account_manager'], 'must name its accounts'],
  ])('refuses %s', async (_what, args, words) => {
    const { code, stderr } = await staff(...args);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(words);
  });
});

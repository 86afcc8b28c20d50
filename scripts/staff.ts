/**
 * `staff`: agencies, their accounts, and the API keys of those who work for them. A key is printed once and kept nowhere;
 * only its hash is in the database.
 */
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { roles } from '../kernel/actor.ts';
import { after, days, systemClock } from '../kernel/time.ts';
import type { ApiKey, NewApiKey } from '../models/api-key.ts';
import type { Models } from '../models/open.ts';
import { type DatabaseOptions, onDatabase, withDatabase } from './command-line/database.ts';
import { Failure } from './command-line/exit.ts';
import { commandWith } from './command-line/interrupt.ts';
import { run, script } from './command-line/script.ts';
import { print, say } from './command-line/terminal.ts';

const examples = `
  staff agency nordlicht --name 'Nordlicht Agentur' --mail hallo@nordlicht.example --colour '#1d4ed8' --apply
  staff account acc_mueller --agency nordlicht --name 'Bäckerei Müller' --zone Europe/Berlin --country DE \\
        --contact 'Jürgen Müller' --mail juergen@mueller.example --apply
  staff key 'Ann Baker' --role order_admin --days 365 --apply
  staff key 'Shop' --role order_admin --service --agency nordlicht --apply
  staff person 4f1c2ab39d07 --name 'Ann Baker' --mail ann@nordlicht.example --capacity 30 --apply
  staff keys                          who has a key, without the secrets
  staff revoke 4f1c2ab39d07 --apply   it ends at once
`;

const absent = (what: string, id: string) => new Failure('notFound', `There is no ${what} "${id}". Make it first.`);
const checked = (schema: z.ZodType<string>, hint: string) => (text: string) => {
  if (!schema.safeParse(text).success) throw new InvalidArgumentError(hint);
  return text;
};
const id = checked(z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/), 'At most 60 letters, digits, `_`, `.` and `-`.');
const mail = checked(z.email(), 'Enter an email address.');
const zone = checked(z.string().refine(isZone), 'Give an IANA time zone such as Europe/Berlin.');
const country = checked(z.string().regex(/^[A-Z]{2}$/), 'Give two capital letters such as DE.');
const colour = checked(z.string().regex(/^#[0-9a-f]{6}$/i), 'Give a colour such as #1d4ed8.');

const program = withDatabase(script('staff', { description: 'Makes agencies, accounts and API keys.', examples }))
  .option('--apply', 'write it; without it the record is shown and nothing is written')
  .option('--json', 'JSON on stdout');

program
  .command('agency')
  .description('makes an agency, or writes it anew')
  .argument('<id>', 'its id', id)
  .requiredOption('--name <name>', 'what clients know it by')
  .requiredOption('--mail <address>', 'what its mails come from', mail)
  .option('--colour <colour>', 'of its pages and mails', colour)
  .action(async (agency: string, { name, mail: email, colour: itsColour }) => {
    const record = { _id: agency, name, from: { name, email }, ...(itsColour && { colour: itsColour }) };
    await write(record, ({ agencies }) => agencies.put(record));
  });

program
  .command('account')
  .description('makes an account of an agency, or writes it anew')
  .argument('<id>', 'its id', id)
  .requiredOption('--agency <id>', 'who resells to it', id)
  .requiredOption('--name <name>', 'what it is called')
  .requiredOption('--zone <zone>', 'where its clock is', zone)
  .requiredOption('--country <country>', 'whose holidays it keeps', country)
  .requiredOption('--contact <name>', 'whom mails go to')
  .requiredOption('--mail <address>', 'where they go', mail)
  .action(async (account: string, { agency, name, zone: timeZone, country: where, contact, mail: email }) => {
    const record = { _id: account, agency, name, timeZone, country: where, contact: { name: contact, email } };
    await write(record, async ({ agencies, accounts }) => {
      if (!(await agencies.get(agency))) throw absent('agency', agency);
      await accounts.put(record, {
        actor: { type: 'system', id: 'scripts-staff' },
        cause: 'worker',
        at: systemClock.now(),
      });
    });
  });

program
  .command('person')
  .description('says who has a key, and how much they can take on')
  .argument('<id>', 'the part of their key after ow_, or any id', id)
  .requiredOption('--name <name>', 'what they are called')
  .requiredOption('--mail <address>', 'where mails reach them', mail)
  .option('--agency <id>', 'whom they work for; every agency by default', id)
  .option('--capacity <orders>', 'how many orders in set-up they can have at a time', Number)
  .action(async (person: string, { name, mail: email, agency, capacity }) => {
    const record = { _id: person, name, email, ...(agency && { agency }), ...(capacity && { capacity }) };
    await write(record, async ({ agencies, staff }) => {
      if (agency && !(await agencies.get(agency))) throw absent('agency', agency);
      await staff.put(record);
    });
  });

program
  .command('key')
  .description('makes an API key and shows it once')
  .argument('<name>', 'whose it is')
  .addOption(new Option('--role <role>', 'what it may do').choices([...roles]).makeOptionMandatory())
  .option('--service', "another program's key, not a person's")
  .option('--agency <id>', 'it sees this agency only; all of them by default', id)
  .option('--accounts <ids...>', 'it sees these accounts only')
  .option('--days <days>', 'it ends after so many days', Number)
  .action(async (name: string, { role, service, agency, accounts, days: lasting }) => {
    const now = systemClock.now();
    const wanted: NewApiKey = {
      ...{ name, role, type: service ? 'service' : 'staff' },
      ...(agency && { agency }),
      ...(accounts && { accounts }),
      ...(lasting && { expiresAt: after(now, days(lasting)) }),
    };
    await write(wanted, async (models) => {
      if (agency && !(await models.agencies.get(agency))) throw absent('agency', agency);
      const { key } = await models.apiKeys.issue(wanted, now);
      await print(options().json ? `${JSON.stringify({ key })}\n` : `${key}\n`);
      say('This is shown once; only its hash is kept.');
    });
  });

program
  .command('keys')
  .description('who has a key')
  .action(() =>
    onDatabase(options(), async ({ apiKeys }) => {
      const found = (await apiKeys.model.collection.find({}).sort({ createdAt: 1 }).toArray()) as unknown as ApiKey[];
      const shown = found.map(viewOf);
      await print(
        options().json
          ? `${JSON.stringify(shown)}\n`
          : shown.map((key) => `${Object.values(key).join('\t')}\n`).join(''),
      );
    }),
  );

program
  .command('revoke')
  .description('ends an API key')
  .argument('<id>', 'the part of the key after ow_', id)
  .action((key: string) =>
    write({ revoke: key }, async ({ apiKeys }) => {
      if (!(await apiKeys.revoke(key, systemClock.now())))
        throw new Failure('notFound', `There is no valid key "${key}".`);
    }),
  );

function options(): DatabaseOptions & { apply?: boolean; json?: boolean } {
  return program.opts();
}

async function write(record: object, act: (models: Models) => Promise<void>): Promise<void> {
  if (options().apply) return onDatabase(options(), act);
  await print(`${JSON.stringify(record)}\n`);
  say(`Nothing was written. To write it:\n  ${commandWith('--apply')}`);
}

function viewOf({ _id, name, role, type, agency, expiresAt, revokedAt }: ApiKey) {
  const now = systemClock.now();
  const state = revokedAt ? 'revoked' : expiresAt && expiresAt <= now ? 'expired' : 'valid';
  return { id: _id, state, type, role, agency: agency ?? 'all agencies', name };
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

await run(program);

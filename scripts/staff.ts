/**
 * `staff`: agencies, their accounts, and the API keys of those who work for them. A key is printed once and kept nowhere;
 * only its hash is in the database. Exit codes: 0 done, 1 refused, 2 wrong usage.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { roles } from '../kernel/actor.ts';
import { after, days, systemClock } from '../kernel/time.ts';
import type { ApiKey, NewApiKey } from '../models/api-key.ts';
import { type Models, openModels } from '../models/open.ts';
import { connectMongo } from '../runtime/mongo.ts';

const examples = `Examples:
  staff agency nordlicht --name 'Nordlicht Agentur' --mail hallo@nordlicht.example --colour '#1d4ed8'
  staff account acc_mueller --agency nordlicht --name 'Bäckerei Müller' --zone Europe/Berlin --country DE \\
        --contact 'Jürgen Müller' --mail juergen@mueller.example
  staff key 'Ann Baker' --role order_admin --days 365
  staff key 'Shop' --role order_admin --service --agency nordlicht
  staff person 4f1c2ab39d07 --name 'Ann Baker' --mail ann@nordlicht.example --capacity 30
  staff keys                          who has a key, without the secrets
  staff revoke 4f1c2ab39d07           it ends at once
`;

const exists = (what: string, id: string) => new Error(`There is no ${what} "${id}". Make it first.`);
const checked = (schema: z.ZodType<string>, hint: string) => (text: string) => {
  if (!schema.safeParse(text).success) throw new InvalidArgumentError(hint);
  return text;
};
const id = checked(z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/), 'At most 60 letters, digits, `_`, `.` and `-`.');
const mail = checked(z.email(), 'Give a mail address.');
const zone = checked(z.string().refine(isZone), 'Give an IANA time zone such as Europe/Berlin.');
const country = checked(z.string().regex(/^[A-Z]{2}$/), 'Give two capital letters such as DE.');
const colour = checked(z.string().regex(/^#[0-9a-f]{6}$/i), 'Give a colour such as #1d4ed8.');

const program = new Command('staff')
  .description('Makes agencies, accounts and API keys.')
  .addHelpText('beforeAll', examples)
  .addOption(new Option('--mongodb <uri>', 'the database').env('MONGODB_URI').makeOptionMandatory())
  .option('--dry-run', 'say what would be written, and write nothing')
  .exitOverride();

program
  .command('agency')
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
      if (!(await agencies.get(agency))) throw exists('agency', agency);
      await accounts.put(record, {
        actor: { type: 'system', id: 'scripts-staff' },
        cause: 'worker',
        at: systemClock.now(),
      });
    });
  });

program
  .command('person')
  .argument('<id>', 'the part of their key after ow_, or any id', id)
  .requiredOption('--name <name>', 'what they are called')
  .requiredOption('--mail <address>', 'where mails reach them', mail)
  .option('--agency <id>', 'whom they work for; every agency by default', id)
  .option('--capacity <orders>', 'how many orders in set-up they can have at a time', Number)
  .action(async (person: string, { name, mail: email, agency, capacity }) => {
    const record = { _id: person, name, email, ...(agency && { agency }), ...(capacity && { capacity }) };
    await write(record, async ({ agencies, staff }) => {
      if (agency && !(await agencies.get(agency))) throw exists('agency', agency);
      await staff.put(record);
    });
  });

program
  .command('key')
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
      if (agency && !(await models.agencies.get(agency))) throw exists('agency', agency);
      const { key } = await models.apiKeys.issue(wanted, now);
      process.stdout.write(`${key}\n`);
      process.stderr.write('This is shown once; only its hash is kept.\n');
    });
  });

program.command('keys').action(() =>
  withModels(async ({ apiKeys }) => {
    const found = (await apiKeys.model.collection.find({}).sort({ createdAt: 1 }).toArray()) as unknown as ApiKey[];
    for (const key of found) process.stdout.write(`${lineOf(key)}\n`);
  }),
);

program
  .command('revoke')
  .argument('<id>', 'the part of the key after ow_', id)
  .action((key: string) =>
    write({ revoke: key }, async ({ apiKeys }) => {
      if (!(await apiKeys.revoke(key, systemClock.now()))) throw new Error(`There is no valid key "${key}".`);
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  const isUsage = error instanceof CommanderError;
  if (!isUsage) process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = isUsage ? (error.exitCode === 0 ? 0 : 2) : 1;
}

async function write(record: object, act: (models: Models) => Promise<void>): Promise<void> {
  if (program.opts()['dryRun']) process.stdout.write(`${JSON.stringify(record)}\n`);
  else await withModels(act);
}

async function withModels(act: (models: Models) => Promise<void>): Promise<void> {
  const connection = await connectMongo(program.opts()['mongodb'], { waitMs: 5_000 });
  try {
    await act(openModels(connection));
  } finally {
    await connection.close();
  }
}

function lineOf({ _id, name, role, type, agency, expiresAt, revokedAt }: ApiKey): string {
  const now = systemClock.now();
  const state = revokedAt ? 'revoked' : expiresAt && expiresAt <= now ? 'expired' : 'valid';
  return [_id, state, type, role, agency ?? 'all agencies', name].join('\t');
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

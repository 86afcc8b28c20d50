/**
 * `staff`: agencies, their accounts, and the API keys of those who work for them. A key is printed once and kept nowhere;
 * only its hash is in the database.
 */
import { randomBytes } from 'node:crypto';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { roles } from '../kernel/actor.ts';
import { after, days, systemClock } from '../kernel/time.ts';
import type { ApiKey, NewApiKey } from '../models/api-key.ts';
import type { Models } from '../models/open.ts';
import { isLocale } from '../workflows/validators/amounts.ts';
import { mailAddress } from '../workflows/validators/mail-address.ts';
import { isTimeZone } from '../workflows/validators/time-zone.ts';
import { type DatabaseOptions, onDatabase, withDatabase } from './command-line/database.ts';
import { Failure } from './command-line/exit.ts';
import { commandWith } from './command-line/interrupt.ts';
import { run, script } from './command-line/script.ts';
import { print, say } from './command-line/terminal.ts';

const examples = `
  staff agency nordlicht --name 'Nordlicht Agentur' --mail hallo@nordlicht.example --colour '#1d4ed8' --apply
  staff agency nordlicht --new-mail-secret --apply      delivery reports are signed with it
  staff account acc_mueller --agency nordlicht --name 'Bäckerei Müller' --zone Europe/Berlin --country DE \\
        --contact 'Jürgen Müller' --mail juergen@mueller.example --apply
  staff key 'Ann Baker' --role order_admin --days 365 --apply
  staff key 'Shop' --role order_admin --service --agency nordlicht --apply
  staff person 4f1c2ab39d07 --name 'Ann Baker' --mail ann@nordlicht.example --capacity 30 --apply
  staff keys                          list API keys, without the secrets
  staff revoke 4f1c2ab39d07 --apply   it ends at once
`;

const absent = (what: string, id: string) =>
  new Failure('notFound', `${what} "${id}" does not exist. Create it first.`);
const checked = (schema: z.ZodType<string>, hint: string) => (text: string) => {
  if (!schema.safeParse(text).success) throw new InvalidArgumentError(hint);
  return text;
};
const id = checked(z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/), 'Use at most 60 letters, digits, `_`, `.` and `-`.');
const mail = checked(mailAddress, 'Enter an email address.');
const locale = checked(z.string().refine(isLocale), 'Enter a locale such as de-DE.');
const zone = checked(z.string().refine(isTimeZone), 'Enter an IANA time zone such as Europe/Berlin.');
const country = checked(z.string().regex(/^[A-Z]{2}$/), 'Enter two capital letters such as DE.');
const region = checked(
  z.string().regex(/^[A-Z0-9]{1,3}$/),
  'Enter the part of ISO 3166-2 after the country, such as BY.',
);
const logo = checked(z.url({ protocol: /^https$/ }), 'Enter an https address.');
const colour = checked(z.string().regex(/^#[0-9a-f]{6}$/i), 'Enter a colour such as #1d4ed8.');

const notes = 'A record that exists keeps every field that has no flag; --unset removes one.';

const program = withDatabase(
  script('staff', { description: 'Adds and changes agencies, accounts, people and API keys.', examples, notes }),
)
  .option('--apply', 'write the record; without it, it is only shown')
  .option('--json', 'JSON on stdout');

program
  .command('agency')
  .description('add an agency, or change the fields given of one that exists')
  .argument('<id>', 'its id', id)
  .option('--name <name>', 'what clients know it by; required for a new one')
  .option('--mail <address>', 'the sender of its emails; required for a new one', mail)
  .option('--reply-to <address>', 'where replies go', mail)
  .option('--colour <colour>', 'of its pages and emails', colour)
  .option('--logo <url>', 'https address of its logo', logo)
  .option('--zone <zone>', 'its time zone', zone)
  .option('--greeting <words>', 'how its emails begin')
  .option('--closing <words>', 'how its emails end')
  .option('--footer <words>', 'what stands below its emails')
  .option(
    '--new-mail-secret',
    'make a secret that delivery reports are signed with, and print it once; the last two hold',
  )
  .addOption(unsetting('replyTo', 'colour', 'logoUrl', 'timeZone', 'words', 'mailSecrets'))
  .action(
    (_id: string, { name, mail: email, replyTo, colour: itsColour, logo: logoUrl, zone: timeZone, unset, ...more }) =>
      onDatabaseOrShown(async ({ agencies }) => {
        const known = await agencies.get(_id);
        const given = known ?? required({ name, mail: email });
        const from = { name: name ?? known?.from.name, email: email ?? known?.from.email };
        const reply = replyTo && { name: name ?? given.name, email: replyTo };
        const words = wordsFrom(more, known?.words);
        const set = { name, from, replyTo: reply, colour: itsColour, logoUrl, timeZone, words };
        const secret = more.newMailSecret ? `whsec_${randomBytes(24).toString('base64')}` : undefined;
        const mailSecrets = secret === undefined ? undefined : [...(known?.mailSecrets ?? []), secret].slice(-2);
        const write = async () => {
          await agencies.change(_id, { set: { ...set, mailSecrets }, unset });
          if (secret) await print(`${options().json ? JSON.stringify({ mailSecret: secret }) : secret}\n`);
        };
        return { record: { _id, ...set, ...(secret && { mailSecrets: 'one more' }), unset }, write };
      }),
  );

program
  .command('account')
  .description('add an account of an agency, or change the fields given of one that exists')
  .argument('<id>', 'its id', id)
  .option('--agency <id>', 'the agency it buys from', id)
  .option('--name <name>', 'what it is called')
  .option('--zone <zone>', "its time zone; by default the agency's", zone)
  .option('--country <country>', 'whose holidays and weekdays its orders keep', country)
  .option('--region <region>', 'where holidays of the country differ, such as BY in Germany', region)
  .option('--locale <locale>', 'how its people write numbers; by default as in its country', locale)
  .option('--contact <name>', 'who receives its emails; open orders that had the contact before follow')
  .option('--mail <address>', 'their address', mail)
  .action((_id: string, { agency, name, zone: itsZone, country: where, contact, mail: email, ...given }) =>
    onDatabaseOrShown(async ({ agencies, accounts }) => {
      const known = await accounts.get(_id);
      const reseller = agency && (await agencies.get(agency));
      if (agency && !reseller) throw absent('Agency', agency);
      const timeZone = itsZone ?? (known ? undefined : reseller?.timeZone);
      if (!known) required({ agency, name, zone: timeZone, country: where, contact, mail: email });
      const whom = { name: contact ?? known?.contact.name, email: email ?? known?.contact.email };
      // A region is one of a country: in another country it says nothing.
      const itsRegion = given['region'] ?? (where && known?.region ? '' : undefined);
      const optional = {
        ...(given['locale'] && { locale: given['locale'] }),
        ...(itsRegion !== undefined && { region: itsRegion }),
      };
      const profile = { agency, name, timeZone, country: where, contact: whom, ...optional };
      const writer = {
        actor: { type: 'system', id: 'scripts-staff' },
        cause: 'worker',
        at: systemClock.now(),
      } as const;
      const write = () => (known ? accounts.change(known, profile, writer) : accounts.put({ _id, ...profile }, writer));
      return { record: { _id, ...profile }, write };
    }),
  );

program
  .command('person')
  .description('say list API keys and how much they can take on, or change the fields given')
  .argument('<id>', 'the part of their key after ow_, or any id', id)
  .option('--name <name>', 'what they are called; required for a new one')
  .option('--mail <address>', 'where emails reach them; required for a new one', mail)
  .option('--agency <id>', 'the agency they work for; every agency without it', id)
  .option('--zone <zone>', 'their time zone', zone)
  .option('--capacity <orders>', 'how many orders in setup they can have at a time', wholeNumber)
  .addOption(unsetting('agency', 'timeZone', 'capacity'))
  .action((_id: string, { name, mail: email, agency, zone: timeZone, capacity, unset }) =>
    onDatabaseOrShown(async ({ agencies, staff }) => {
      if (!(await staff.get(_id))) required({ name, mail: email });
      if (agency && !(await agencies.get(agency))) throw absent('Agency', agency);
      const set = { name, email, agency, timeZone, capacity };
      return { record: { _id, ...set, unset }, write: () => staff.change(_id, { set, unset }) };
    }),
  );

program
  .command('key')
  .description('create an API key and show it once')
  .argument('<name>', 'whose key it is')
  .addOption(new Option('--role <role>', 'what it may do').choices([...roles]).makeOptionMandatory())
  .option('--service', "another program's key, not a person's")
  .option('--agency <id>', 'limit it to this agency; every agency by default', id)
  .option('--accounts <ids...>', 'limit it to these accounts')
  .option('--days <days>', 'expires after this many days', wholeNumber)
  .action(async (name: string, { role, service, agency, accounts, days: lasting }) => {
    const now = systemClock.now();
    const wanted: NewApiKey = {
      ...{ name, role, type: service ? 'service' : 'staff' },
      ...(agency && { agency }),
      ...(accounts && { accounts }),
      ...(lasting && { expiresAt: after(now, days(lasting)) }),
    };
    await write(wanted, async (models) => {
      if (agency && !(await models.agencies.get(agency))) throw absent('Agency', agency);
      const { key } = await models.apiKeys.issue(wanted, now);
      await print(options().json ? `${JSON.stringify({ key })}\n` : `${key}\n`);
      say('This key is shown only once. Only its hash is stored.');
    });
  });

program
  .command('keys')
  .description('list API keys')
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
  .description('revoke an API key')
  .argument('<id>', 'the part of the key after ow_', id)
  .action((key: string) =>
    write({ revoke: key }, async ({ apiKeys }) => {
      if (!(await apiKeys.revoke(key, systemClock.now()))) throw new Failure('notFound', `No valid key "${key}".`);
    }),
  );

function options(): DatabaseOptions & { apply?: boolean; json?: boolean } {
  return program.opts();
}

const phrases = ['greeting', 'closing', 'footer'] as const;

/** Those given over those that are there; undefined where none is given. */
function wordsFrom(given: Partial<Record<(typeof phrases)[number], string>>, known: Record<string, string> = {}) {
  const said = phrases.flatMap((phrase) => (given[phrase] === undefined ? [] : [[phrase, given[phrase]]]));
  return said.length > 0 ? { ...known, ...Object.fromEntries(said) } : undefined;
}

interface Intended {
  record: object;
  write: () => Promise<void>;
}

/** Looks at what is there, so that a rehearsal refuses what the real run would, and writes with --apply only. */
function onDatabaseOrShown(intend: (models: Models) => Promise<Intended>): Promise<void> {
  return onDatabase(options(), async (models) => {
    const intended = await intend(models);
    if (options().apply) return intended.write();
    await print(`${JSON.stringify(intended.record)}\n`);
    say(`Nothing was written. To write it:\n  ${commandWith('--apply')}`);
  });
}

/** Throws with all that a new record lacks. */
function required<T extends Record<string, string | undefined>>(flags: T): { [Flag in keyof T]: string } {
  const missing = Object.keys(flags).filter((flag) => flags[flag] === undefined);
  if (missing.length > 0) {
    throw new Failure(
      'usage',
      `It does not exist yet. A new one needs ${missing.map((flag) => `--${flag}`).join(', ')}.`,
    );
  }
  return flags as { [Flag in keyof T]: string };
}

function unsetting(...fields: string[]): Option {
  return new Option('--unset <fields...>', 'remove these fields').choices(fields);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Enter a whole number from 1.');
  return Number(text);
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

await run(program);

/**
 * One line of a file, judged by the rules that the service itself asks: the schema of the command and the workflow. What
 * passes is the wish to send, under a key of its own, so that the same line is the same order however often it is sent.
 */
import type { z } from 'zod';
import type { Wish } from '../../client/index.ts';
import { type FieldError, Refusal } from '../../kernel/errors.ts';
import { hashedId } from '../../kernel/ids.ts';
import { systemClock } from '../../kernel/time.ts';
import { setup } from '../../queues/setup.ts';
import { run } from '../../workflows/engine/run.ts';
import { fieldErrors } from '../../workflows/words/field-errors.ts';
import { inOurWords } from '../../workflows/words/messages.ts';
import type { FindAccount } from './known-accounts.ts';
import type { Fields } from './mapping.ts';

const commandSchema = setup.jobs.command.shape.command;
const somebody = { type: 'service', id: 'import' } as const;

const longestAccount = 300;

type CreateOrder = Extract<Wish['command'], { type: 'create-order' }>;

export interface OrderWish {
  account: string;
  command: CreateOrder;
  once: string;
}

export type Judgement = { wish: OrderWish; errors?: undefined } | { wish?: undefined; errors: FieldError[] };

/** `find` says which account is meant; without it, whatever stands there is taken for one. */
export async function judge(fields: Fields, find?: FindAccount): Promise<Judgement> {
  const { account, agency } = fields;
  if (typeof account !== 'string' || account.length > longestAccount) return { errors: [badAccount(account)] };
  const found = await find?.(account, typeof agency === 'string' ? agency : undefined);
  if (found?.errors) return found;
  return judgeFor(found?.id ?? account, fields);
}

function judgeFor(account: string, { key, ...fields }: Fields): Judgement {
  const options = optionsIn(fields);
  if (options === undefined) return { errors: [badOptions] };
  const command = {
    ...{ type: 'create-order', source: 'import', product: fields['product'], tier: fields['tier'] },
    ...{ title: fields['title'], client: { name: fields['client.name'], email: fields['client.email'] }, options },
    ...(fields['calendar'] !== undefined && { calendar: fields['calendar'] }),
    ...(fields['reference'] !== undefined && { reference: String(fields['reference']) }),
  };
  const parsed = commandSchema.safeParse(command, inOurWords);
  if (!parsed.success) return { errors: fieldErrors(parsed.error) };
  const refused = refusalOf(parsed.data);
  if (refused) return { errors: refused };
  return { wish: { account, command: command as CreateOrder, once: keyOf({ account, key, command }) } };
}

/** The caller's own word for the order where the file has one, else all that the line says. */
function keyOf({ account, key, command }: { account: string; key: unknown; command: object }): string {
  const said = key === undefined ? JSON.stringify({ account, command }) : String(key);
  return `import-${hashedId(key === undefined ? 'line' : 'key', said)}`;
}

function refusalOf(command: z.infer<typeof commandSchema>): FieldError[] | undefined {
  try {
    run(undefined, command, { actor: somebody, work: 'import', at: systemClock.now() });
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.errors.length > 0 ? error.errors : [{ pointer: '', rule: error.code, message: error.message }];
  }
}

/** `options` as an object, as JSON text or as `name=value` by blanks, and each `options.<name>`. */
function optionsIn(fields: Fields): Record<string, unknown> | undefined {
  const named = Object.entries(fields).filter(([name]) => name.startsWith('options.'));
  const whole = objectIn(fields['options'] ?? {});
  return whole && { ...whole, ...Object.fromEntries(named.map(([name, value]) => [name.slice(8), value])) };
}

function objectIn(value: unknown): object | undefined {
  try {
    const found: unknown = typeof value === 'string' ? (pairsIn(value) ?? JSON.parse(value)) : value;
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** `site=ordered nap_from_gbp=true`, as the example orders have it. */
function pairsIn(text: string): object | undefined {
  const pairs = text.trim().split(/\s+/);
  if (!pairs.every((pair) => /^[a-z][a-z0-9_]*=\S+$/i.test(pair))) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), plain(pair.slice(pair.indexOf('=') + 1))]),
  );
}

const plain = (word: string): unknown => (word === 'true' ? true : word === 'false' ? false : word);

function badAccount(given: unknown): FieldError {
  const rule = given === undefined ? 'required' : 'not_an_account';
  return { pointer: '/account', rule, message: 'Enter the id of an account, such as acc_mueller, or its name.' };
}

const badOptions: FieldError = {
  ...{
    pointer: '/options',
    rule: 'not_json',
    message: 'Enter a JSON object such as {"region":"EU"}, or region=EU, or nothing.',
  },
};

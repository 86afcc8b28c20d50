/**
 * The example orders: who resells, to whom, what, and where each order is meant to end. One order a line, each read by
 * itself: a line that can't be read is told, with the field and the rule, and takes none of the others with it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { hashedId } from '../../kernel/ids.ts';
import { isTimeZone } from '../../workflows/validators/time-zone.ts';
import { type Company, company } from './company.ts';

/** What happens to an order on its way that does not happen to most; scripts/trial plays it. */
export const stories = [
  'sent_back',
  'changes',
  'silent_approval',
  'override',
  'prerequisite',
  'revoked_grant',
  'past_due',
  'wrong_address',
  'long_pause',
  'corrected_address',
  'late',
] as const;

const text = z.string().trim().min(1);
const row = z.object({
  agency: text,
  account: text,
  country: text,
  time_zone: text.refine(isTimeZone, { params: { rule: 'unknown_time_zone' }, error: 'Unknown time zone.' }),
  product: text,
  tier: text,
  title: text,
  contact_name: text,
  contact_email: text,
  ends: z.enum(['live', 'waiting', 'needs_revision', 'refused']),
  options: z.string().transform(readOptions),
  story: z.enum(['', ...stories]),
});

export type ExampleOrder = z.infer<typeof row> & {
  /** Of the file, counted from 1 with its heading. */
  line: number;
  accountId: string;
  company: Company;
};

const mailbox = z.object({ name: z.string(), email: z.string() });
const agency = z.object({
  _id: z.string(),
  name: z.string(),
  from: mailbox,
  replyTo: mailbox.optional(),
  colour: z.string().optional(),
  words: z.record(z.string(), z.string()).optional(),
  timeZone: z.string(),
  staff: z.array(
    z.object({ _id: z.string(), name: z.string(), email: z.string(), timeZone: z.string(), capacity: z.number() }),
  ),
});

type ExampleAgency = z.infer<typeof agency>;

/** What is wrong with a line. Without a field, it is the line as a whole. */
interface BadRow {
  line: number;
  field?: string;
  rule: string;
  message: string;
}

export interface Examples {
  agencies: ExampleAgency[];
  orders: ExampleOrder[];
  bad: BadRow[];
}

export async function readExamples(root: string): Promise<Examples> {
  const read = (name: string) => readFile(join(root, 'examples', name), 'utf8');
  const companies = z.record(z.string(), company).parse(JSON.parse(await read('companies.json')));
  const agencies = z.array(agency).parse(JSON.parse(await read('agencies.json')));
  const known = { agencies: new Set(agencies.map(({ _id }) => _id)), companies };
  return { agencies, ...readOrders(await read('orders.csv'), known) };
}

interface Known {
  agencies: ReadonlySet<string>;
  companies: Record<string, Company>;
}

export function readOrders(file: string, known: Known): Pick<Examples, 'orders' | 'bad'> {
  const [heading = '', ...lines] = file.replace(/^\ufeff/, '').split(/\r?\n/);
  const columns = heading.split(',').map((name) => name.trim());
  const orders: ExampleOrder[] = [];
  const bad: BadRow[] = [];
  for (const [index, content] of lines.entries()) {
    if (content.trim() === '') continue;
    const line = index + 2;
    const { order, faults } = readRow(content, columns, known);
    if (order) orders.push({ ...order, line, accountId: accountIdOf(order) });
    bad.push(...faults.map((fault) => ({ line, ...fault })));
  }
  return { orders, bad };
}

type Row = z.infer<typeof row> & { company: Company };
type Fault = Omit<BadRow, 'line'>;

function readRow(content: string, columns: string[], known: Known): { order?: Row; faults: Fault[] } {
  try {
    const { data, error } = row.safeParse(parse(content, { columns })[0]);
    if (!data) return { faults: error.issues.map(faultOf) };
    const its = Object.hasOwn(known.companies, data.account) ? known.companies[data.account] : undefined;
    const lacking = [
      ...(known.agencies.has(data.agency) ? [] : [{ field: 'agency', in: 'agencies' }]),
      ...(its ? [] : [{ field: 'account', in: 'companies' }]),
    ];
    if (its && lacking.length === 0) return { order: { ...data, company: its }, faults: [] };
    const message = (file: string) => `examples/${file}.json does not have it.`;
    return {
      faults: lacking.map((one) => ({ field: one.field, rule: `unknown_${one.field}`, message: message(one.in) })),
    };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The parser counts the lines it was given, which is one; whoever reads this counts those of the file.
    return { faults: [{ rule: error.code.toLowerCase(), message: error.message.replace(/ (at|on) line 1\b/, '') }] };
  }
}

function faultOf(issue: z.core.$ZodIssue): Fault {
  const rule = issue.code === 'custom' ? String(issue.params?.['rule']) : issue.code;
  return { field: issue.path.join('.'), rule, message: issue.message };
}

/** `site=ordered` or `nap_from_gbp=true`; several are separated by blanks. */
function readOptions(said: string): Record<string, string | boolean> {
  const pairs = said.split(/\s+/).filter((pair) => pair !== '');
  const values: Record<string, boolean> = { true: true, false: false };
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [name, values[value] ?? value];
    }),
  );
}

const accountIdOf = ({ agency, account }: Row): string => `acc_${hashedId(agency, account).slice(0, 16)}`;

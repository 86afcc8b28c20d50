/**
 * From the columns of a file to the fields of an order. A mapping file says which column holds which field, what values
 * mean here, and what holds where a cell is empty; without one the columns bear the fields' own names.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fieldErrors } from '../../workflows/words/field-errors.ts';
import { inOurWords } from '../../workflows/words/messages.ts';
import { Failure } from '../command-line/exit.ts';

const required = ['account', 'product', 'tier', 'title', 'client.name', 'client.email'] as const;
const optional = ['key', 'agency', 'reference', 'calendar', 'options'] as const;
/** What an account's list of contacts calls the client. */
const alias: Record<string, string> = { 'client.name': 'contact_name', 'client.email': 'contact_email' };
const isField = (name: string): boolean =>
  [...required, ...optional].some((field) => field === name) || name.startsWith('options.');

const byField = <T extends z.ZodType>(values: T) =>
  z.record(z.string(), values).superRefine((given, context) => {
    for (const name of Object.keys(given).filter((one) => !isField(one))) {
      const message = `Enter one of ${[...required, ...optional].join(', ')}, or options.<name>.`;
      context.addIssue({ code: 'custom', path: [name], params: { rule: 'unknown_field' }, message });
    }
  });

const mappingSchema = z.strictObject({
  columns: byField(z.string()).default({}),
  values: byField(z.record(z.string(), z.string())).default({}),
  defaults: byField(z.string()).default({}),
});

export type Mapping = z.infer<typeof mappingSchema>;

export const plainMapping: Mapping = { columns: {}, values: {}, defaults: {} };

/** The fields of an order as a file gave them: text, or whatever JSON held. */
export type Fields = Record<string, unknown>;

export async function readMapping(path: string): Promise<Mapping> {
  const text = await readFile(path, 'utf8');
  const { data, error } = mappingSchema.safeParse(jsonIn(path, text), inOurWords);
  if (data) return data;
  const faults = fieldErrors(error).map(({ pointer, message }) => `  ${pointer || '/'}: ${message}`);
  throw new Failure('usage', `${path} is no mapping:\n${faults.join('\n')}`);
}

function jsonIn(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure('usage', `${path} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** Columns of this name, or with `_` for the dot, as an export writes them, or as a contact. */
const namesOf = (field: string, { columns }: Mapping): string[] => [
  columns[field] ?? field,
  ...[field.replace('.', '_'), alias[field] ?? field],
];

/** The columns that no field is read from. */
export function unusedColumns(columns: readonly string[], mapping: Mapping): string[] {
  const used = new Set([...required, ...optional].flatMap((field) => namesOf(field, mapping)));
  return columns.filter((name) => !used.has(name) && !isField(name) && !Object.values(mapping.columns).includes(name));
}

export function mustHaveColumns(path: string, columns: string[], mapping: Mapping): void {
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new Failure('usage', `${path} has two columns "${twice}"; rename one.`);
  const named = Object.values(mapping.columns).filter((name) => !columns.includes(name));
  const missing = required.filter(
    (field) => mapping.defaults[field] === undefined && !namesOf(field, mapping).some((name) => columns.includes(name)),
  );
  if (named.length === 0 && missing.length === 0) return;
  const absent = [...new Set([...named, ...missing.filter((field) => mapping.columns[field] === undefined)])];
  throw new Failure(
    'usage',
    `${path} has no column ${absent.join(', ')}. It has: ${columns.join(', ')}.\n` +
      'Rename a column, or say in a --mapping file which column holds it, or what it is by default.',
  );
}

/** The fields of one record; what a column holds that is no field is left out. */
export function fieldsOf(record: Record<string, unknown>, mapping: Mapping): Fields {
  const fields: Fields = {};
  const own = Object.keys(record).filter((name) => isField(name));
  for (const field of new Set([...required, ...optional, ...own, ...Object.keys(mapping.columns)])) {
    const value = cellOf(record, field, mapping) ?? mapping.defaults[field];
    if (value !== undefined) fields[field] = mapping.values[field]?.[String(value)] ?? value;
  }
  return fields;
}

function cellOf(record: Record<string, unknown>, field: string, mapping: Mapping): unknown {
  const found = namesOf(field, mapping).map((name) => record[name] ?? inside(record, name));
  const value = found.find((one) => one !== undefined && one !== null);
  return typeof value === 'string' ? value.trim() || undefined : value;
}

/** `client.email` in a JSON line may be a field of a field. */
function inside(record: Record<string, unknown>, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => {
    return typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Fields)[name] : undefined;
  }, record);
}

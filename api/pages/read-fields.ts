/**
 * A posted form back into data, led by the fields and never by the names that came: a name that no field has is refused,
 * so nobody can plant a property. An empty text means that nothing was said.
 */
import { type FieldError, Refusal } from '../../kernel/errors.ts';
import type { Field, Group } from './fields.ts';

type Posted = Record<string, unknown>;

interface Reading {
  posted: Map<string, string>;
  used: Set<string>;
}

export function readForm(group: Group, posted: Posted): Record<string, unknown> {
  const texts = new Map(Object.entries(posted).map(([name, value]) => [name, textOf(value)]));
  const reading = { posted: texts, used: new Set<string>() };
  const answers = readGroup(group, '', reading);
  refuseUnknown(reading);
  return answers;
}

function readGroup({ fields, variants }: Group, under: string, reading: Reading): Record<string, unknown> {
  const entries = Object.entries(fields).map(([key, field]) => [key, readField(field, under + key, reading)] as const);
  const said = entries.filter(([, value]) => value !== undefined);
  if (!variants) return Object.fromEntries(said);
  const tag = Object.keys(fields)[0] ?? '';
  const chosen = variants[String(said.find(([key]) => key === tag)?.[1])];
  return Object.fromEntries(said.filter(([key]) => !chosen || chosen.includes(key)));
}

function readField(field: Field, name: string, reading: Reading): unknown {
  switch (field.kind) {
    case 'group': {
      const value = readGroup(field, `${name}.`, reading);
      return Object.keys(value).length > 0 || field.required ? value : undefined;
    }
    case 'rows':
      return readRows(field, name, reading);
    case 'money':
      return readMoney(name, reading);
    case 'check':
      return take(name, reading) !== undefined;
    case 'number':
      return numberIn(take(name, reading));
    case 'lines':
      return linesIn(take(name, reading)).map((line) => (field.of === 'number' ? numberIn(line) : line));
    default:
      return take(name, reading);
  }
}

function readRows(field: Extract<Field, { kind: 'rows' }>, name: string, reading: Reading): unknown[] {
  const rows: unknown[] = [];
  for (let at = 0; hasRow(`${name}.${at}.`, reading); at += 1) {
    const row = readField(field.row, `${name}.${at}`, reading);
    if (!isEmpty(row)) rows.push(row);
  }
  return rows;
}

const hasRow = (prefix: string, { posted }: Reading): boolean =>
  [...posted.keys()].some((name) => name.startsWith(prefix));

const isEmpty = (row: unknown): boolean => typeof row === 'object' && row !== null && Object.keys(row).length === 0;

/** People write 1,500.00; we keep 150000. What is no amount is left as it is, for the schema to name. */
function readMoney(name: string, reading: Reading): Record<string, unknown> {
  const amount = take(`${name}.amount`, reading);
  const currency = take(`${name}.currency`, reading)?.toUpperCase();
  const plain = amount?.replace(/[\s,']/g, '');
  const isAmount = plain !== undefined && /^\d{1,12}(\.\d{1,3})?$/.test(plain);
  const minor = isAmount ? Math.round(Number(plain) * 10 ** digitsOf(currency)) : amount;
  return { ...(minor !== undefined && { amount: minor }), ...(currency !== undefined && { currency }) };
}

/** How many digits a currency has behind its point; two where it is unknown. */
export function digitsOf(currency: string | undefined): number {
  if (!currency || !Intl.supportedValuesOf('currency').includes(currency)) return 2;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

function take(name: string, { posted, used }: Reading): string | undefined {
  used.add(name);
  const text = posted.get(name)?.trim();
  return text === '' ? undefined : text;
}

const linesIn = (text: string | undefined): string[] =>
  (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

const numberIn = (text: string | undefined): number | string | undefined =>
  text !== undefined && /^-?\d+([.]\d+)?$/.test(text) ? Number(text) : text;

const textOf = (value: unknown): string => (Array.isArray(value) ? String(value.at(-1)) : String(value));

function refuseUnknown({ posted, used }: Reading): void {
  const errors: FieldError[] = [...posted.keys()]
    .filter((name) => !used.has(name))
    .map((name) => ({
      pointer: `/${name.replaceAll('.', '/')}`,
      rule: 'unknown_field',
      message: 'Unknown field. Remove it.',
    }));
  if (errors.length > 0) throw new Refusal('invalid_request', 'The form has fields that are not known here.', errors);
}

/**
 * A posted form back into data, led by the fields and never by the names that came: a name that no field has is told of,
 * so nobody can plant a property. An empty text means that nothing was said, and a row or an optional group that nobody
 * touched was not filled in, whatever boxes and presets it has.
 */
import type { FieldError } from '../../kernel/errors.ts';
import { readAmount, readNumber, sayAmount, type Writing, writeAmount } from '../../workflows/validators/amounts.ts';
import type { Field, Group } from './fields.ts';
import { type Control, rowsIn, treeOf, unread } from './posted.ts';

/** What came of a post. `typed`: the text of each control, under the name that it has when the page is shown again. */
export interface Reading {
  answers: Record<string, unknown>;
  typed: Map<string, string>;
  errors: FieldError[];
}

interface Reader {
  locale: string;
  typed: Map<string, string>;
  errors: FieldError[];
}

const mostUnknown = 20;

export function readForm(group: Group, posted: Record<string, unknown>, { locale }: Writing = inEnglish): Reading {
  const { tree, strange } = treeOf(posted);
  const reader: Reader = { locale, typed: new Map(), errors: [] };
  const answers = readGroup(group, { at: tree, name: '' }, reader);
  const unknown = [...strange, ...unread(tree, mostUnknown)].slice(0, mostUnknown);
  return { answers, typed: reader.typed, errors: [...reader.errors, ...unknown.map(unknownField)] };
}

const inEnglish: Writing = { locale: 'en-US' };

interface Place {
  at: Control | undefined;
  name: string;
}

const inside = ({ at, name }: Place, key: string): Place => ({
  at: at?.parts.get(key),
  name: name === '' ? key : `${name}.${key}`,
});

function readGroup({ fields, variants }: Group, place: Place, reader: Reader): Record<string, unknown> {
  const entries = Object.entries(fields).map(([key, field]) => [key, readField(field, inside(place, key), reader)]);
  const said = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  const [tag = ''] = Object.keys(fields);
  const kind = String(said[tag]);
  const taken = variants && Object.hasOwn(variants, kind) ? variants[kind] : undefined;
  if (!taken) return said;
  const others = Object.keys(said).filter((key) => !taken.includes(key));
  for (const key of others) {
    const message = `“${wordsOf(kind)}” takes no such answer; empty this, or choose another kind.`;
    reader.errors.push({ pointer: pointerTo(inside(place, key).name), rule: 'not_taken', message });
  }
  return said;
}

function readField(field: Field, place: Place, reader: Reader): unknown {
  switch (field.kind) {
    case 'group':
      if (!field.required && isUntouched(field, place.at)) return passOver(field, place);
      return readGroup(field, place, reader);
    case 'rows':
      return readRows(field, place, reader);
    case 'money':
      return readMoney(field, place, reader);
    case 'check':
      return take(place, reader) !== undefined;
    case 'number':
      return numberIn(take(place, reader), field.whole, reader);
    case 'lines':
      return readLines(field, place, reader);
    default:
      return take(place, reader);
  }
}

function readRows(field: Extract<Field, { kind: 'rows' }>, place: Place, reader: Reader): unknown[] {
  const rows = rowsIn(place.at);
  for (const row of rows) if (isUntouched(field.row, row)) passOver(field.row, { at: row, name: '' });
  const filled = rows.filter((row) => !isUntouched(field.row, row));
  return filled.map((row, index) => readField(field.row, { at: row, name: `${place.name}.${index}` }, reader));
}

/** Nothing was typed, chosen or ticked. A currency may be preset, so that alone says nothing. */
function isUntouched(field: Field, at: Control | undefined): boolean {
  if (!at) return true;
  if (field.kind === 'group')
    return Object.entries(field.fields).every(([key, one]) => isUntouched(one, at.parts.get(key)));
  if (field.kind === 'rows') return rowsIn(at).every((row) => isUntouched(field.row, row));
  if (field.kind === 'money') return (at.parts.get('amount')?.text ?? '').trim() === '';
  return (at.text ?? '').trim() === '';
}

/** Its controls are the form's own, though nothing is read from them. */
function passOver(field: Field, place: Place): undefined {
  readField({ ...field, required: true } as Field, place, { locale: 'en-US', typed: new Map(), errors: [] });
  return undefined;
}

/** Lines beyond the limit are counted, not read; what was typed is shown again as it is. */
function readLines(field: Extract<Field, { kind: 'lines' }>, place: Place, reader: Reader): unknown[] {
  const lines = (take(place, reader) ?? '').split('\n').map((line) => line.trim());
  const filled = lines.filter((line) => line !== '');
  if (filled.length > field.max) {
    const message = `Enter at most ${field.max}; these are ${filled.length}.`;
    reader.errors.push({ pointer: pointerTo(place.name), rule: 'too_big', message });
  }
  const read = filled.slice(0, field.max);
  return field.of === 'number' ? read.map((line) => numberIn(line, false, reader)) : read;
}

/** What is no amount is left as it is and named; what could be two is asked back, and counts once its box is ticked. */
function readMoney(field: Field, place: Place, reader: Reader): unknown {
  const text = take(inside(place, 'amount'), reader);
  const currency = take(inside(place, 'currency'), reader)?.toUpperCase();
  const confirmed = take(inside(place, 'confirm'), reader);
  if (text === undefined && !field.required) return undefined;
  const amount = text === undefined ? undefined : readAmount(text, { locale: reader.locale, currency });
  const money = {
    ...(text !== undefined && { amount: amount?.minor ?? text }),
    ...(currency !== undefined && { currency }),
  };
  const problem = amountProblem({ text, amount, currency, confirmed }, reader.locale);
  if (problem) reader.errors.push({ pointer: pointerTo(`${place.name}.amount`), ...problem });
  return money;
}

interface Said {
  text: string | undefined;
  amount: ReturnType<typeof readAmount>;
  currency: string | undefined;
  confirmed: string | undefined;
}

function amountProblem({ text, amount, currency, confirmed }: Said, locale: string) {
  if (text === undefined) return undefined;
  if (!amount)
    return {
      rule: 'no_amount',
      message: `Please give an amount such as ${writeAmount(15e4, { locale, currency: 'EUR' })}.`,
    };
  if (!amount.unclear || confirmed === confirmationOf(amount.minor, currency)) return undefined;
  const words = sayAmount(amount.minor, currency ?? '').trim();
  return {
    rule: 'unclear',
    message: `Do you mean ${words}? Please tick the box below, or write the amount another way.`,
  };
}

/** The value of the box that confirms an amount: it confirms this one and no other. */
export const confirmationOf = (minor: number, currency = ''): string => `${minor} ${currency}`.trim();

function numberIn(text: string | undefined, whole: boolean, { locale }: Reader): number | string | undefined {
  if (text === undefined) return undefined;
  if (!whole) return readNumber(text, locale) ?? text;
  const read = readAmount(text.replace(/^-/, ''), { locale, currency: 'JPY' });
  if (!read || read.unclear) return text;
  return text.startsWith('-') ? -read.minor : read.minor;
}

function take({ at, name }: Place, { typed }: Reader): string | undefined {
  if (!at) return undefined;
  at.used = true;
  if (at.text !== undefined) typed.set(name, at.text);
  const text = at.text?.trim();
  return text === '' ? undefined : text;
}

const pointerTo = (name: string): string => `/${name.replaceAll('.', '/')}`;

const wordsOf = (option: string): string => option.replaceAll('-', ' ');

const unknownField = (name: string): FieldError => ({
  pointer: pointerTo(name),
  rule: 'unknown_field',
  message: 'Unknown field. Remove it.',
});

/**
 * What the client is asked to approve, as they read it: lists, tables and terms, money as money, nothing left out. What a
 * value is, its stage's schema says: a text is a time or an amount only where the schema calls it one, never by its look.
 */
import { z } from 'zod';
import { labelOf } from '../../kernel/labels.ts';
import { digitsOf } from '../../workflows/validators/money.ts';
import { type Html, html } from './html.ts';

/** Of a JSON schema, what decides how a value is shown. */
interface Described {
  type?: string;
  format?: string;
  /** `minor` for an amount in cents (workflows/validators/money.ts). */
  unit?: unknown;
  const?: unknown;
  $ref?: string;
  $defs?: Record<string, Described>;
  properties?: Record<string, Described>;
  additionalProperties?: Described | boolean;
  items?: Described;
  anyOf?: Described[];
  oneOf?: Described[];
}

/** One stage's data, beside the schema that they passed; without a schema everything is plain text and numbers. */
export interface Shown {
  value: unknown;
  schema: Described | undefined;
  /** Of amounts that do not name their own. */
  currency?: string | undefined;
}

export function describe(schema: z.ZodType | undefined): Described | undefined {
  if (!schema) return undefined;
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Described;
  // Schemas that have an id are referred to; none of ours refers to itself.
  const inlined = (_key: string, node: Described): unknown =>
    typeof node?.$ref === 'string' ? whole.$defs?.[node.$ref.split('/').pop() ?? ''] : node;
  const text = JSON.stringify(whole, inlined);
  return JSON.parse(text) as Described;
}

export function renderData({ value, schema, currency }: Shown): Html {
  const its = variantOf(schema, value);
  if (Array.isArray(value)) return renderList(value.map((inner) => ({ value: inner, schema: its?.items, currency })));
  if (typeof value !== 'object' || value === null) return html`${wordOf({ value, schema: its, currency })}`;
  const money = moneyIn(value, its);
  if (money) return html`${moneyOf(money.amount, money.currency)}`;
  const terms = entriesOf({ value, schema: its, currency }).map(
    ([key, inner]) => html`<dt>${labelOf(key)}</dt><dd>${renderData(inner)}</dd>`,
  );
  return html`<dl>${terms}</dl>`;
}

/** The first currency that is named anywhere in the data. */
export function currencyIn({ value, schema }: Shown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const its = variantOf(schema, value);
  const money = moneyIn(value, its);
  if (money) return money.currency;
  for (const [key, inner] of Object.entries(value)) {
    const found = currencyIn({ value: inner, schema: Array.isArray(value) ? its?.items : partOf(its, key) });
    if (found) return found;
  }
  return undefined;
}

function renderList(rows: Shown[]): Html {
  if (rows.every(({ value }) => typeof value !== 'object')) return html`${rows.map(wordOf).join(', ')}`;
  const columns = columnsOf(rows);
  if (columns) return renderTable(columns, rows);
  return html`<ol class="items">${rows.map((row) => html`<li>${renderData(row)}</li>`)}</ol>`;
}

/** Up to four columns, when every row is flat. */
function columnsOf(rows: Shown[]): string[] | undefined {
  const columns = new Set<string>();
  for (const row of rows) {
    if (typeof row.value !== 'object' || row.value === null || Array.isArray(row.value)) return undefined;
    for (const [key, { value, schema }] of entriesOf(row)) {
      if (typeof value === 'object' && !moneyIn(value ?? {}, schema)) return undefined;
      columns.add(key);
    }
  }
  return columns.size > 0 && columns.size <= 4 ? [...columns] : undefined;
}

function renderTable(columns: string[], rows: Shown[]): Html {
  const head = columns.map((column) => html`<th scope="col">${labelOf(column)}</th>`);
  const body = rows.map((row) => {
    const cells = new Map(entriesOf(row));
    return html`<tr>${columns.map((column) => html`<td>${cellOf(cells.get(column))}</td>`)}</tr>`;
  });
  return html`<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

const cellOf = (shown: Shown | undefined): Html => (shown ? renderData(shown) : html``);

function entriesOf({ value, schema, currency }: Shown): [string, Shown][] {
  const its = variantOf(schema, value);
  return Object.entries(value ?? {})
    .filter(([, inner]) => !isNothing(inner))
    .map(([key, inner]) => [key, { value: inner, schema: partOf(its, key), currency }]);
}

function partOf(schema: Described | undefined, key: string): Described | undefined {
  const { properties, additionalProperties: others } = schema ?? {};
  if (properties && Object.hasOwn(properties, key)) return properties[key];
  return typeof others === 'object' ? others : undefined;
}

/** The one of several schemas that the value is of; undefined where more than one would do. */
function variantOf(schema: Described | undefined, value: unknown): Described | undefined {
  const options = schema?.anyOf ?? schema?.oneOf;
  if (!options) return schema;
  const [first, ...others] = options.filter((option) => fits(option, value));
  return others.length === 0 ? variantOf(first, value) : undefined;
}

function fits({ type, const: word, properties = {} }: Described, value: unknown): boolean {
  if (word !== undefined) return value === word;
  if (type !== typeOf(value) && !(type === 'integer' && typeof value === 'number')) return false;
  if (type !== 'object') return true;
  const said = value as Record<string, unknown>;
  return Object.entries(properties).every(([key, part]) => part.const === undefined || said[key] === part.const);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

interface Money {
  amount: number;
  currency: string;
}

function moneyIn(value: object, schema: Described | undefined): Money | undefined {
  if (variantOf(schema, value)?.properties?.['amount']?.unit !== 'minor' || !('currency' in value)) return undefined;
  const money = value as Money;
  return typeof money.amount === 'number' && typeof money.currency === 'string' ? money : undefined;
}

/** An amount in a currency that nobody knows is shown as it was given. */
function moneyOf(amount: number, currency: string): string {
  if (!Intl.supportedValuesOf('currency').includes(currency)) return `${amount} ${currency}`;
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 10 ** digitsOf(currency));
}

function wordOf({ value, schema, currency }: Shown): string {
  const its = variantOf(schema, value);
  if (value === true) return 'Yes';
  if (value === false) return 'No';
  if (currency && typeof value === 'number' && its?.unit === 'minor') return moneyOf(value, currency);
  const said = String(value ?? '');
  return its?.format === 'date-time' ? timeOf(said) : said;
}

const timeFormat = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

/** Data that were let through without their schema, by an override, may be no time after all. */
const timeOf = (said: string): string =>
  z.iso.datetime({ offset: true }).safeParse(said).success ? `${timeFormat.format(new Date(said))} UTC` : said;

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

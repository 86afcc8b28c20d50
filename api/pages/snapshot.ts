/** What the client is asked to approve, as they read it: lists, tables and terms, money as money, nothing left out. */
import { labelOf } from '../../kernel/labels.ts';
import { digitsOf } from '../../workflows/validators/money.ts';
import { type Html, html } from './html.ts';

/** `currency` is that of amounts which do not name their own. */
export function renderData(value: unknown, currency = currencyIn(value)): Html {
  if (Array.isArray(value)) return renderList(value, currency);
  if (typeof value !== 'object' || value === null) return html`${wordOf(value)}`;
  if (isMoney(value)) return html`${moneyOf(value.amount, value.currency)}`;
  const terms = entriesOf(value).map(
    ([key, inner]) => html`<dt>${labelOf(key)}</dt><dd>${renderEntry(key, inner, currency)}</dd>`,
  );
  return html`<dl>${terms}</dl>`;
}

/** The first currency that is named anywhere in the data. */
export function currencyIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isMoney(value)) return value.currency;
  for (const inner of Object.values(value)) {
    const found = currencyIn(inner);
    if (found) return found;
  }
  return undefined;
}

/** A bare number under such a name is an amount in minor units. */
const isAmountName = (key: string): boolean => /(^|_)(budget|spend|fee|price)$/.test(key);

function renderEntry(key: string, value: unknown, currency: string | undefined): Html {
  if (currency && typeof value === 'number' && isAmountName(key)) return html`${moneyOf(value, currency)}`;
  return renderData(value, currency);
}

function renderList(values: unknown[], currency: string | undefined): Html {
  if (values.every((value) => typeof value !== 'object')) return html`${values.map(wordOf).join(', ')}`;
  const columns = columnsOf(values);
  if (columns) return renderTable(columns, values as Record<string, unknown>[], currency);
  return html`<ol class="items">${values.map((value) => html`<li>${renderData(value, currency)}</li>`)}</ol>`;
}

/** Up to four columns, when every row is flat. */
function columnsOf(values: unknown[]): string[] | undefined {
  const columns = new Set<string>();
  for (const value of values) {
    if (typeof value !== 'object' || value === null) return undefined;
    for (const [key, inner] of entriesOf(value)) {
      if (typeof inner === 'object' && !isMoney(inner ?? {})) return undefined;
      columns.add(key);
    }
  }
  return columns.size > 0 && columns.size <= 4 ? [...columns] : undefined;
}

function renderTable(columns: string[], rows: Record<string, unknown>[], currency: string | undefined): Html {
  const head = columns.map((column) => html`<th scope="col">${labelOf(column)}</th>`);
  const body = rows.map(
    (row) => html`<tr>${columns.map((column) => html`<td>${renderEntry(column, row[column], currency)}</td>`)}</tr>`,
  );
  return html`<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

const entriesOf = (value: object): [string, unknown][] =>
  Object.entries(value).filter(([, inner]) => !isNothing(inner));

interface Money {
  amount: number;
  currency: string;
}

const isMoney = (value: object): value is Money =>
  Object.keys(value).sort().join() === 'amount,currency' && typeof (value as Money).amount === 'number';

const moneyOf = (amount: number, currency: string): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 10 ** digitsOf(currency));

function wordOf(value: unknown): string {
  if (value === true) return 'Yes';
  if (value === false) return 'No';
  const said = String(value ?? '');
  return isTime.test(said) ? `${timeFormat.format(new Date(said))} UTC` : said;
}

const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/;
const timeFormat = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

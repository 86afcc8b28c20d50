/** What the client is asked to approve, as they read it: lists and terms, money as money, nothing left out. */
import { labelOf } from '../../kernel/labels.ts';
import { type Html, html } from './html.ts';
import { digitsOf } from './read-fields.ts';

export function renderData(value: unknown): Html {
  if (Array.isArray(value)) return renderList(value);
  if (typeof value !== 'object' || value === null) return html`${wordOf(value)}`;
  if (isMoney(value)) return html`${moneyOf(value)}`;
  const terms = Object.entries(value).filter(([, inner]) => !isNothing(inner));
  return html`<dl>${terms.map(([key, inner]) => html`<dt>${labelOf(key)}</dt><dd>${renderData(inner)}</dd>`)}</dl>`;
}

function renderList(values: unknown[]): Html {
  if (values.every((value) => typeof value !== 'object')) return html`${values.map(wordOf).join(', ')}`;
  return html`<ol class="items">${values.map((value) => html`<li>${renderData(value)}</li>`)}</ol>`;
}

interface Money {
  amount: number;
  currency: string;
}

const isMoney = (value: object): value is Money =>
  Object.keys(value).sort().join() === 'amount,currency' && typeof (value as Money).amount === 'number';

const moneyOf = ({ amount, currency }: Money): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 10 ** digitsOf(currency));

function wordOf(value: unknown): string {
  if (value === true) return 'Yes';
  if (value === false) return 'No';
  return String(value ?? '');
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

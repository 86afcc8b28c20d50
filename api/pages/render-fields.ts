/**
 * Fields as HTML: label, hint, what the reviewer asked for, what is wrong, and what was typed before, in that order, each
 * tied to its input so that a screen reader says them together.
 */
import type { FieldError } from '../../kernel/errors.ts';
import { sayAmount, type Writing, writeAmount } from '../../workflows/validators/amounts.ts';
import type { Flag } from '../../workflows/words/effects.ts';
import type { Field, Group } from './fields.ts';
import { type Html, html } from './html.ts';
import { confirmationOf } from './read-fields.ts';
import { renderOpener } from './revision.ts';

export interface Filled {
  values: Record<string, unknown>;
  /** The text of each control as it was typed, when a post is shown again; what is not in it was empty or not ticked. */
  typed?: ReadonlyMap<string, string> | undefined;
  errors: FieldError[];
  flags: Flag[];
  writing: Writing;
  /** Of a form that came back: what can't be changed, and what is shown as it was accepted, with the answers of then. */
  kept?: { closed: readonly string[]; aside: readonly string[]; values: Record<string, unknown> };
  /** Inside what can't be changed. */
  isReadOnly?: boolean;
}

export function renderFields(group: Group, filled: Filled): Html {
  const { closed = [], aside = [], values = {} } = filled.kept ?? {};
  return html`${Object.entries(group.fields).map(([key, field]) => {
    if (!aside.includes(key)) return renderField(field, key, filled.values[key], filled);
    const isReadOnly = closed.includes(key);
    const shown = renderField(field, key, values[key], { ...filled, typed: undefined, isReadOnly });
    return isReadOnly ? html`${shown}${renderOpener(key, group)}` : shown;
  })}`;
}

/** The id of an input, which a link in the list of errors leads to. */
export const inputId = (name: string): string => `f-${name}`;

function renderField(field: Field, name: string, value: unknown, filled: Filled): Html {
  switch (field.kind) {
    case 'group':
      return renderGroup(field, name, value, filled);
    case 'rows':
      return renderRows(field, name, value, filled);
    case 'money':
      return renderMoney(field, name, value, filled);
    case 'check':
      return renderCheck(field, name, value, filled);
    default:
      return renderInput(field, name, value, filled);
  }
}

function renderGroup(field: Group, name: string, value: unknown, filled: Filled): Html {
  const values = recordOf(value);
  const inside = Object.entries(field.fields).map(([key, inner]) =>
    renderField(field.required ? inner : { ...inner, required: false }, `${name}.${key}`, values[key], filled),
  );
  return html`<fieldset id="${inputId(name)}"><legend>${field.label}${optional(field)}</legend>${notes(field, name, filled)}${field.variants ? html`<div class="cells">${inside}</div>` : inside}</fieldset>`;
}

/** As many rows as there are, and one more; an empty row is passed over. */
function renderRows(field: Extract<Field, { kind: 'rows' }>, name: string, value: unknown, filled: Filled): Html {
  const values = Array.isArray(value) ? value : [];
  const spare = filled.isReadOnly ? 0 : 1;
  const count = Math.min(Math.max(values.length, field.min) + spare, field.max);
  const rows = Array.from({ length: count }, (_, at) => {
    const isSpare = at >= Math.max(field.min, values.length);
    const row = { ...field.row, label: `${field.label} ${at + 1}`, hint: undefined, required: !isSpare };
    return renderField(row, `${name}.${at}`, values[at], filled);
  });
  return html`<fieldset id="${inputId(name)}"><legend>${field.label}${optional(field)}</legend>${notes(field, name, filled)}${rows}</fieldset>`;
}

/** An amount that could be two is asked back: its box confirms what stands beside it, and nothing else. */
function renderMoney(field: Field, name: string, value: unknown, filled: Filled): Html {
  const { amount, currency = filled.typed ? undefined : filled.writing.currency } = recordOf(value);
  const writing = { locale: filled.writing.locale, currency: String(currency ?? 'USD') };
  const shown = typeof amount === 'number' ? writeAmount(amount, writing) : amount;
  const common = { required: field.required, kind: 'text', input: 'text' } as const;
  const parts: [string, Field, unknown][] = [
    [
      'amount',
      { ...common, label: 'Amount', hint: `For example ${writeAmount(15e4, { ...writing, currency: 'EUR' })}` },
      shown,
    ],
    ['currency', { ...common, label: 'Currency', hint: 'Such as USD' }, currency],
  ];
  const inside = parts.map(([key, part, text]) => renderInput(part, `${name}.${key}`, text, filled));
  const isUnclear = filled.errors.some(
    ({ pointer, rule }) => rule === 'unclear' && pointer === pointerTo(`${name}.amount`),
  );
  return html`<fieldset id="${inputId(name)}"><legend>${field.label}${optional(field)}</legend>${notes(field, name, filled)}<div class="pair">${inside}</div>${
    isUnclear && typeof amount === 'number' && renderConfirm(name, amount, String(currency ?? ''))
  }</fieldset>`;
}

function renderConfirm(name: string, amount: number, currency: string): Html {
  const id = inputId(`${name}.confirm`);
  return html`<div class="check"><input type="checkbox" name="${name}.confirm" value="${confirmationOf(amount, currency)}" id="${id}"><label for="${id}">Yes, I mean ${sayAmount(amount, currency)}.</label></div>`;
}

function renderCheck(field: Field, name: string, value: unknown, filled: Filled): Html {
  return html`<div class="field">${notes(field, name, filled)}<div class="check"><input type="checkbox" name="${name}" value="yes" id="${inputId(name)}"${attributes(field, name, filled)}${(filled.typed ? filled.typed.has(name) : value === true) && html` checked`}><label for="${inputId(name)}">${field.label}</label></div></div>`;
}

function renderInput(field: Field, name: string, value: unknown, filled: Filled): Html {
  return html`<div class="field"><label for="${inputId(name)}">${field.label}${optional(field)}</label>${notes(field, name, filled)}${control(field, name, value, filled)}</div>`;
}

function control(field: Field, name: string, value: unknown, filled: Filled): Html {
  const common = html`name="${name}" id="${inputId(name)}"${attributes(field, name, filled)}`;
  const isLong = field.kind === 'lines' || (field.kind === 'text' && field.input === 'long');
  const text = filled.typed ? (filled.typed.get(name) ?? '') : textOf(value, isLong ? '\n' : ', ');
  if (field.kind === 'choice') {
    const options = field.options.map(
      (option) => html`<option value="${option}"${option === text && html` selected`}>${wordsOf(option)}</option>`,
    );
    return html`<select ${common}><option value="">Please choose</option>${options}</select>`;
  }
  if (isLong) {
    return html`<textarea ${common} rows="4">
${text}</textarea>`;
  }
  const keyboard = keyboardFor(field);
  return html`<input type="${typeFor(field)}" ${common}${keyboard && html` inputmode="${keyboard}"`} value="${text}">`;
}

/** No input for mail addresses: a browser would rewrite letters that it does not know in them. */
function typeFor(field: Field): string {
  if (field.kind !== 'text' || field.input === 'long' || field.input === 'email') return 'text';
  return field.input;
}

function keyboardFor(field: Field): string | undefined {
  if (field.kind === 'number') return 'decimal';
  return field.kind === 'text' && field.input === 'email' ? 'email' : undefined;
}

function notes(field: Field, name: string, { errors, flags }: Filled): Html {
  const hint = field.hint ?? (field.kind === 'lines' ? 'One per line.' : undefined);
  const asked = flags.filter((flag) => flag.field === name);
  return html`${hint && html`<p class="hint" id="${inputId(name)}-hint">${hint}</p>`}${asked.map(
    ({ reason }) => html`<p class="flag"><strong>Please change this:</strong> ${reason}</p>`,
  )}${errorsOf(name, errors).map((message) => html`<p class="error" id="${inputId(name)}-error">${message}</p>`)}`;
}

/** Browsers check nothing here: our own words are clearer, and the values are kept. */
function attributes(field: Field, name: string, { errors, isReadOnly }: Filled): Html {
  const isWrong = errorsOf(name, errors).length > 0;
  const hasHint = field.hint !== undefined || field.kind === 'lines';
  const described = [...(hasHint ? [`${inputId(name)}-hint`] : []), ...(isWrong ? [`${inputId(name)}-error`] : [])];
  const isChosen = field.kind === 'choice' || field.kind === 'check';
  return html`${isReadOnly && (isChosen ? html` disabled` : html` readonly`)}${field.required && html` aria-required="true"`}${isWrong && html` aria-invalid="true"`}${
    described.length > 0 && html` aria-describedby="${described.join(' ')}"`
  }`;
}

function errorsOf(name: string, errors: FieldError[]): string[] {
  const pointer = pointerTo(name);
  return errors.filter((error) => error.pointer === pointer).map(({ message }) => message);
}

function optional({ required, label, only }: Field): Html | false {
  if (required || label === '') return false;
  const words = only ? `for ${only.map(wordsOf).join(', ')}` : 'optional';
  return html` <span class="optional">(${words})</span>`;
}

const pointerTo = (name: string): string => `/${name.replaceAll('.', '/')}`;

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Lists are one line each where there is room for lines; the parts of a thing, such as hours, are joined by dashes. */
export function textOf(value: unknown, between: string): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((item) => textOf(item, between)).join(between);
  return typeof value === 'object' ? Object.values(value).join('-') : String(value);
}

const wordsOf = (option: string): string => option.replaceAll('-', ' ');

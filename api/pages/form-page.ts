/** The form as a page: what is asked, what the reviewer wants changed, and, after a mistake, what to put right. */

import { z } from 'zod';
import { clip } from '../../kernel/clip.ts';
import type { FieldError } from '../../kernel/errors.ts';
import { labelOf } from '../../kernel/labels.ts';
import type { OpenForm } from './client-links.ts';
import { type Field, fieldsOf, type Group } from './fields.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import { inputId, renderFields } from './render-fields.ts';
import { closedOf, renderOpened, sendsByEnter } from './revision.ts';

export const fieldsFor = ({ stage }: OpenForm): Group => fieldsOf(stage.exit ?? z.strictObject({}));

/** What was read of a post, the texts as they were typed, and what is wrong; nothing when the form is opened. */
export interface Attempt {
  values: Record<string, unknown>;
  typed?: ReadonlyMap<string, string> | undefined;
  errors: FieldError[];
  /** What was opened of a form that came back. */
  opened?: string[];
  /** Of which nothing was read: they are shown as they were accepted. By default what is not opened. */
  aside?: string[];
  status?: number | undefined;
}

export function formPage(form: OpenForm, attempt?: Attempt): Page {
  const { stage, agency, order, is, writing } = form;
  const values = attempt?.values ?? is.data ?? {};
  const fields = fieldsFor(form);
  const errors = (attempt?.errors ?? []).map((error) => inPlainWords(atControl(error, fields), values));
  const flags = is.flags ?? [];
  const opened = attempt?.opened ?? [];
  const closed = closedOf(form, opened);
  return {
    title: errors.length > 0 ? `Please check: ${stage.title}` : stage.title,
    agency,
    status: attempt?.status ?? (errors.length > 0 ? 422 : 200),
    content: html`<h1>${stage.title}</h1>
<p class="lead">For ${order.state.title}. It takes about ten minutes. You can send it once; we will email you if anything needs to be changed.</p>
${errors.length > 0 && errorList(errors)}${flags.length > 0 && html`<p class="flag">${is.note ?? 'We reviewed your answers. Please change the ones marked below and send the form again.'}</p>`}${closed.length > 0 && html`<p>Your other answers stay as they are. If one of them has to change too, use the button below it.</p>`}
<form method="post" novalidate>
${sendsByEnter(closed)}${renderOpened(opened)}${renderFields(fields, { values, typed: attempt?.typed, errors, flags, writing, kept: { closed, aside: attempt?.aside ?? closed, values: is.data ?? {} } })}
<button type="submit">Send answers</button>
</form>`,
  };
}

function errorList(errors: FieldError[]): Html {
  const items = errors.map(({ pointer, rule, message }) =>
    pointer === '' || rule === 'unknown_field'
      ? html`<li>${message}</li>`
      : html`<li><a href="#${inputId(nameAt(pointer))}">${wordsFor(pointer)}</a>: ${message}</li>`,
  );
  return html`<div class="errors" role="alert" tabindex="-1"><h2>Please check these answers</h2><ul>${items}</ul></div>`;
}

const nameAt = (pointer: string): string => pointer.slice(1).replaceAll('/', '.');

/** `/nap/address/0` as people call it: "Address 1". */
export function wordsFor(pointer: string): string {
  const parts = pointer.slice(1).split('/');
  const number = /^\d+$/.test(parts.at(-1) ?? '') ? ` ${Number(parts.pop()) + 1}` : '';
  return labelOf(parts.at(-1) ?? '') + number;
}

/** Under the control that it was typed into: what a text was read as has places of its own, which the page does not. */
function atControl(error: FieldError, fields: Group): FieldError {
  const parts = error.pointer.slice(1).split('/');
  let field: Field | undefined = fields;
  for (const [depth, part] of parts.entries()) {
    const below: Field | undefined = field && within(field, part);
    if (field && !below && isControl(field)) {
      const pointer = `/${parts.slice(0, depth).join('/')}`;
      const isLine = field.kind === 'lines' && /^\d+$/.test(part);
      return { ...error, pointer, message: isLine ? `Line ${Number(part) + 1}: ${error.message}` : error.message };
    }
    field = below;
  }
  return error;
}

function within(field: Field, part: string): Field | undefined {
  if (field.kind === 'group') return Object.hasOwn(field.fields, part) ? field.fields[part] : undefined;
  return field.kind === 'rows' && /^\d+$/.test(part) ? field.row : undefined;
}

const isControl = ({ kind }: Field): boolean => kind !== 'group' && kind !== 'rows' && kind !== 'money';

/** The schema speaks to programs; a person who left something out, or whose browser added something, is told otherwise. */
function inPlainWords(error: FieldError, values: Record<string, unknown>): FieldError {
  if (error.rule === 'unknown_field') return { ...error, message: addedByBrowser(nameAt(error.pointer)) };
  if (error.pointer === '') return error;
  const given = valueAt(values, error.pointer);
  if (given === false) return { ...error, message: 'Please confirm this.' };
  const isMissing = given === undefined || (Array.isArray(given) && given.length === 0);
  return isMissing ? { ...error, message: 'Please fill this in.' } : error;
}

const addedByBrowser = (name: string): string =>
  `Your browser sent “${clip(name, 60)}”, which this form does not ask for; an extension may have added it. Please switch it off for this page, or open the link in a private window, and send the answers again.`;

export function valueAt(values: unknown, pointer: string): unknown {
  const step = (value: unknown, key: string) =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? (value as Record<string, unknown>)[key]
      : undefined;
  return pointer.slice(1).split('/').reduce(step, values);
}

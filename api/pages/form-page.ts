/** The form as a page: what is asked, what the reviewer wants changed, and, after a mistake, what to put right. */
import { z } from 'zod';
import type { FieldError } from '../../kernel/errors.ts';
import { labelOf } from '../../kernel/labels.ts';
import type { OpenForm } from './client-links.ts';
import { fieldsOf, type Group } from './fields.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import { inputId, renderFields } from './render-fields.ts';

export const fieldsFor = ({ stage }: OpenForm): Group => fieldsOf(stage.exit ?? z.strictObject({}));

/** What was typed, and what is wrong with it; nothing when the form is opened. */
export interface Attempt {
  values: Record<string, unknown>;
  errors: FieldError[];
}

export function formPage(form: OpenForm, attempt?: Attempt): Page {
  const { stage, agency, order, is } = form;
  const values = attempt?.values ?? is.data ?? {};
  const errors = (attempt?.errors ?? []).map((error) => inPlainWords(error, values));
  const flags = is.flags ?? [];
  return {
    title: errors.length > 0 ? `Please check: ${stage.title}` : stage.title,
    agency,
    status: errors.length > 0 ? 422 : 200,
    content: html`<h1>${stage.title}</h1>
<p class="lead">For ${order.state.title}. It takes about ten minutes. You can send it once; we will email you if anything needs to be changed.</p>
${errors.length > 0 && errorList(errors)}${flags.length > 0 && html`<p class="flag">${is.note ?? 'We reviewed your answers. Please change the ones marked below and send the form again.'}</p>`}
<form method="post" novalidate>
${renderFields(fieldsFor(form), { values, errors, flags })}
<button type="submit">Send answers</button>
</form>`,
  };
}

function errorList(errors: FieldError[]): Html {
  const items = errors.map(
    ({ pointer, message }) =>
      html`<li><a href="#${inputId(nameAt(pointer))}">${wordsFor(pointer)}</a>: ${message}</li>`,
  );
  return html`<div class="errors" role="alert" tabindex="-1"><h2>Please check these answers</h2><ul>${items}</ul></div>`;
}

const nameAt = (pointer: string): string => pointer.slice(1).replaceAll('/', '.');

/** `/nap/address/0` as people call it: "Address 1". */
function wordsFor(pointer: string): string {
  const parts = pointer.slice(1).split('/');
  const number = /^\d+$/.test(parts.at(-1) ?? '') ? ` ${Number(parts.pop()) + 1}` : '';
  return labelOf(parts.at(-1) ?? '') + number;
}

/** The schema speaks to programs; a person who left something out, or wrote an amount, is told in their own words. */
function inPlainWords(error: FieldError, values: Record<string, unknown>): FieldError {
  const given = valueAt(values, error.pointer);
  const isMissing = given === undefined || given === false || (Array.isArray(given) && given.length === 0);
  if (isMissing) return { ...error, message: given === false ? 'Please confirm this.' : 'Please fill this in.' };
  return error.pointer.endsWith('/amount') ? { ...error, message: 'Please enter an amount such as 1500.00.' } : error;
}

function valueAt(values: unknown, pointer: string): unknown {
  const step = (value: unknown, key: string) =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return pointer.slice(1).split('/').reduce(step, values);
}

/**
 * A form that comes back, on its page: answers that nobody flagged can be read and not changed, until a button beside them
 * opens them. The buttons post the page to itself, so that it works without a script and keeps what was typed.
 */
import { closedFields, type Returned } from '../../workflows/words/revision.ts';
import type { OpenForm } from './client-links.ts';
import type { Group } from './fields.ts';
import { type Html, html } from './html.ts';
import type { Reading } from './read-fields.ts';

/** No field of a form begins so. */
const openName = '_open';
const openedName = '_opened';

export interface Posted {
  answers: Record<string, unknown>;
  /** The answers that the client asks to change, besides those that were flagged. */
  opened: string[];
  /** The button that was pressed, where it opens an answer and sends nothing. */
  opening?: string;
}

/** What was posted, without the page's own controls. */
export function postedIn(posted: Record<string, unknown>): Posted {
  const { [openName]: opening, [openedName]: opened, ...answers } = posted;
  const names = [opened, opening].flat().filter((name): name is string => typeof name === 'string');
  const given = { answers, opened: [...new Set(names)].slice(0, 500) };
  return typeof opening === 'string' ? { ...given, opening } : given;
}

/** The version before, as the link knows it: the same after the answers were sent, so that sending them twice is one. */
const returned = ({ link, is }: OpenForm): Returned => ({ data: is.data, flags: link.revise });

/** Only names of the form count; others open nothing. */
export function openedOf(form: OpenForm, names: readonly string[]): string[] {
  const closed = closedFields(form.stage.exit, returned(form), []);
  return names.filter((name) => closed.includes(name));
}

export const closedOf = (form: OpenForm, opened: readonly string[]): string[] =>
  closedFields(form.stage.exit, returned(form), opened);

/** What came for closed answers is put aside: they are those of the version before, whatever a browser made of them. */
export function withoutClosed(form: OpenForm, { answers, typed, errors }: Reading, closed: readonly string[]): Reading {
  const isClosed = (name: string) => closed.includes(name.split('.')[0] ?? '');
  return {
    answers: {
      ...Object.fromEntries(Object.entries(answers).filter(([name]) => !isClosed(name))),
      ...accepted(form, closed),
    },
    typed: new Map([...typed].filter(([name]) => !isClosed(name))),
    errors: errors.filter(
      ({ pointer, rule }) => rule === 'unknown_field' || !isClosed(pointer.slice(1).replaceAll('/', '.')),
    ),
  };
}

/** A program need not repeat what it may not change; what it does send must be as it was. */
export const filledUp = (form: OpenForm, answers: Record<string, unknown>, closed: readonly string[]) => ({
  ...accepted(form, closed),
  ...answers,
});

function accepted({ is }: OpenForm, closed: readonly string[]): Record<string, unknown> {
  const known = closed.filter((field) => is.data?.[field] !== undefined);
  return Object.fromEntries(known.map((field) => [field, is.data?.[field]]));
}

/** Comes before every other button: Enter sends the form, and opens nothing. */
export const sendsByEnter = (closed: readonly string[]): Html | false =>
  closed.length > 0 &&
  html`<button type="submit" class="by-enter" tabindex="-1" aria-hidden="true">Send answers</button>`;

export const renderOpened = (opened: readonly string[]): Html =>
  html`${opened.map((name) => html`<input type="hidden" name="${openedName}" value="${name}">`)}`;

export function renderOpener(name: string, group: Group): Html {
  const label = group.fields[name]?.label ?? name;
  return html`<p class="opener"><button type="submit" class="quiet" name="${openName}" value="${name}" formaction="#f-${name}">Change “${label}” as well</button></p>`;
}

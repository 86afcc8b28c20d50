/** What a form keeps in another form than it was typed in: a phone in E.164, an amount in cents, a domain without its page. */
import { type Writing, writeAmount } from '../../workflows/validators/amounts.ts';
import { valueAt, wordsFor } from './form-page.ts';
import { type Html, html } from './html.ts';
import { textOf } from './render-fields.ts';

export interface Kept {
  field: string;
  text: string;
  as: string;
}

/** Every control whose text is not what is shown of the stored data; blanks and empty lines around it do not count. */
export function keptAs(typed: ReadonlyMap<string, string>, data: unknown, writing: Writing): Kept[] {
  return [...typed].flatMap(([field, text]) => {
    const as = shown(field, data, writing);
    return as === undefined || bare(text) === '' || bare(text) === as ? [] : [{ field, text, as }];
  });
}

function shown(field: string, data: unknown, { locale }: Writing): string | undefined {
  const pointer = `/${field.replaceAll('.', '/')}`;
  const value = valueAt(data, pointer);
  if (value === undefined || typeof value === 'boolean') return undefined;
  const currency = field.endsWith('.amount') && valueAt(data, pointer.replace(/amount$/, 'currency'));
  if (typeof currency === 'string' && typeof value === 'number') return writeAmount(value, { locale, currency });
  return textOf(value, Array.isArray(value) && value.every((line) => typeof line !== 'object') ? '\n' : ', ');
}

const bare = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');

export function renderKept(kept: Kept[]): Html | false {
  if (kept.length === 0) return false;
  const items = kept.map(
    ({ field, text, as }) =>
      html`<li>${wordsFor(`/${field.replaceAll('.', '/')}`)}: ${as} <span class="optional">(you wrote “${text}”)</span></li>`,
  );
  return html`<p>We keep these answers in the form that we work with. If one is not what you meant, please write to us:</p><ul>${items}</ul>`;
}

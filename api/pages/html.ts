/**
 * HTML as a template literal: every value is escaped, unless it is HTML that came from this template itself. There is no
 * other way to make a page, so nothing that a client typed can become markup.
 */
import { escapeHtml } from '../../kernel/markup.ts';

export interface Html {
  readonly markup: string;
}

type Part = string | number | undefined | false | Html | readonly Part[];

export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  const markup = strings.reduce(
    (text, piece, index) => text + (index > 0 ? rendered(parts[index - 1]) : '') + piece,
    '',
  );
  return { markup };
}

function rendered(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return 'markup' in part ? part.markup : part.map(rendered).join('');
}

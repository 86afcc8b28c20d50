/**
 * One line of CSV (RFC 4180) that no spreadsheet takes for a formula: what would begin one gets a quotation mark before
 * it, which a spreadsheet hides and `withoutGuard` takes away again. Guarding loses nothing: what has a mark already, and
 * would be taken for guarded, gets another.
 */
import { stringify } from 'csv-stringify/sync';

const dangerous = /^'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;

export const guarded = (text: string): string => (dangerous.test(text) ? `'${text}` : text);

export const withoutGuard = (text: string): string =>
  text.startsWith("'") && dangerous.test(text.slice(1)) ? text.slice(1) : text;

export type Cell = string | number | boolean | undefined | null;

/** Numbers and booleans are what they are; text is guarded, and quoted where it has to be. */
export const csvLine = (cells: readonly Cell[]): string =>
  stringify([[...cells]], {
    cast: { string: guarded, boolean: String },
    quoted_match: /[\r\n]|^\s|\s$/,
    record_delimiter: 'windows',
  });

/**
 * The rows of a CSV text as people's programs write it, for whatever reads one: parted by commas, semicolons, tabs or
 * bars, as `sep=` says or else as the heading looks; with a byte order mark, blank rows, empty columns at the end, line
 * breaks in quotation marks, and the guards of our own exports. Each row has its line number. A row that can't be read is
 * told with its line and column and leaves the others alone; a text that can't be read at all ends with `UnreadableCsv`.
 */
import { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import type { FieldError } from '../kernel/errors.ts';
import { withoutGuard } from './csv-cells.ts';

export interface Row {
  /** Counted from 1, with the heading. */
  line: number;
  record?: Record<string, string>;
  errors?: FieldError[];
}

/** `rule` is one of `no_heading` and `not_closed`. */
export class UnreadableCsv extends Error {
  override name = 'UnreadableCsv';
  readonly rule: string;

  constructor(rule: string, message: string) {
    super(message);
    this.rule = rule;
  }
}

export interface Reading {
  /** The beginning of the text, in which at least the heading is. */
  beginning: string;
  /** How many characters a row may have. */
  longest: number;
  /** Hears the named columns before the first row, and may refuse them. */
  onColumns: (names: string[]) => void;
}

const separators = [',', ';', '\t', '|'];
const hint = /^"?sep=(.)"?\1*[^\S\r\n]*(?:\r\n|\r|\n)/i;
const withoutMark = (text: string): string => text.replace(/^\ufeff/, '');

export async function* rowsIn(
  text: Iterable<string> | AsyncIterable<string>,
  { beginning, longest, onColumns }: Reading,
): AsyncGenerator<Row> {
  const begun = withoutMark(beginning);
  const said = hint.exec(begun);
  const before = said ? 1 : 0;
  const broken: Row[] = [];
  let lastWhole = before;
  const parser = parse({
    ...{ delimiter: said?.[1] ?? separatorIn(begun), info: true, relax_column_count: true },
    ...{ skip_empty_lines: true, skip_records_with_error: true, max_record_size: longest },
    on_skip: (error) => {
      const row = error && brokenRow(error, before);
      // One row may break two rules of quoting; it is one row all the same.
      if (row && broken.at(-1)?.line !== row.line) broken.push(row);
    },
  });
  const source = Readable.from(alikeLines(withoutHint(text, said?.[0] ?? '')));
  source.once('error', (error) => parser.destroy(error));
  let columns: string[] | undefined;
  for await (const { record, info } of source.pipe(parser)) {
    const cells = record as string[];
    const line = before + info.lines - cells.join('').split('\n').length + 1;
    yield* takeBroken(line);
    lastWhole = before + info.lines;
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (columns) {
      yield { line, ...assemble(columns, cells) };
    } else {
      columns = cells.map((name) => withoutGuard(name).trim());
      onColumns(columns.filter(Boolean));
    }
  }
  yield* takeBroken(Number.POSITIVE_INFINITY);
  if (!columns) throw new UnreadableCsv('no_heading', 'There is no header row.');

  /** Those before `line`; one that swallowed the rest of the text ends the reading. */
  function* takeBroken(line: number): Generator<Row> {
    const earlier = broken.filter((one) => one.line < line);
    for (const one of earlier) {
      if (/size|not_closed/.test(one.errors?.[0]?.rule ?? '')) throw unclosed(lastWhole + 1);
      yield one;
    }
    broken.splice(0, earlier.length);
  }
}

/** By which character the heading is parted: a spreadsheet set to German writes semicolons. */
function separatorIn(beginning: string): string {
  const bare = beginning.replace(/"(?:[^"]|"")*"/g, '').trimStart();
  const [heading = ''] = bare.split(/[\r\n]/, 1);
  const counted = separators.map((mark) => ({ mark, count: heading.split(mark).length }));
  return counted.reduce((best, one) => (one.count > best.count ? one : best)).mark;
}

async function* withoutHint(text: Iterable<string> | AsyncIterable<string>, said: string): AsyncGenerator<string> {
  let isFirst = true;
  for await (const piece of text) {
    if (piece === '') continue;
    yield isFirst ? withoutMark(piece).slice(said.length) : piece;
    isFirst = false;
  }
}

/** Each line ends with a line feed, whichever programs wrote it: the parser takes the first line end for that of all. */
async function* alikeLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const piece of text) {
    const whole = held + piece;
    held = whole.endsWith('\r') ? '\r' : '';
    yield whole.slice(0, whole.length - held.length).replace(/\r\n?/g, '\n');
  }
  if (held) yield '\n';
}

const unclosed = (line: number): UnreadableCsv =>
  new UnreadableCsv('not_closed', `a quotation mark that is opened in line ${line} or after is never closed.`);

const quoting = 'Put the whole text in quotation marks, and write each quotation mark in it twice.';

function brokenRow({ code, message, column, ...error }: CsvError, before: number): Row {
  const line = before + Number((error as { lines?: number }).lines ?? 0);
  const rule = code.toLowerCase().replace(/^csv_/, '');
  const where = typeof column === 'number' ? `Column ${column + 1}: ` : '';
  const said = /quote/.test(rule) ? `${where}A quotation mark stands inside the text. ${quoting}` : message;
  return { line, errors: [{ pointer: '', rule, message: said }] };
}

function assemble(columns: string[], cells: string[]): Omit<Row, 'line'> {
  const width = columns.findLastIndex(Boolean) + 1;
  const filled = cells.findLastIndex((cell) => cell.trim() !== '') + 1;
  if (cells.length < width || filled > columns.length) {
    const message = `The header has ${width} columns, this line ${Math.max(filled, cells.length)}.`;
    return { errors: [{ pointer: '', rule: 'column_count', message }] };
  }
  const unnamed = columns.findIndex((name, index) => name === '' && (cells[index] ?? '').trim() !== '');
  if (unnamed >= 0) {
    const message = `Column ${unnamed + 1} has no name in the header. Name it, or leave it empty.`;
    return { errors: [{ pointer: '', rule: 'column_unnamed', message }] };
  }
  const named = columns.flatMap((name, index) => (name === '' ? [] : [[name, withoutGuard(cells[index] ?? '')]]));
  return { record: Object.fromEntries(named) };
}

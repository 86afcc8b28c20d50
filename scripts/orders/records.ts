/**
 * The records of a file of orders, one by one, each under its line number. A line that can't be read is told and leaves
 * the others alone; a file that can't be read at all ends the reading.
 */
import { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import type { FieldError } from '../../kernel/errors.ts';
import { withoutGuard } from '../command-line/cells.ts';
import { Failure } from '../command-line/exit.ts';
import { beginningOf, type Encoding, longestLine, mustBeText, textOf, tooLong } from './text.ts';

export interface Line {
  line: number;
  record?: Record<string, unknown>;
  errors?: FieldError[];
}

export interface FileOptions {
  path: string;
  format: 'csv' | 'jsonl';
  encoding: Encoding;
}

/** `onColumns` hears the heading of a CSV file before its first record, and may refuse it. */
export async function* recordsIn(file: FileOptions, onColumns: (names: string[]) => void): AsyncGenerator<Line> {
  const beginning = await beginningOf(file.path);
  mustBeText(file.path, beginning, file.encoding);
  if (file.format === 'jsonl') yield* fromJson(file);
  else yield* fromCsv(file, { delimiter: delimiterIn(beginning), onColumns });
}

async function* fromJson({ path, encoding }: FileOptions): AsyncGenerator<Line> {
  let rest = '';
  let line = 0;
  for await (const text of textOf(path, encoding)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw tooLong(path, line + lines.length + 1);
    for (const one of lines) {
      line += 1;
      if (one.trim() !== '') yield { line, ...readJson(one) };
    }
  }
  if (rest.trim() !== '') yield { line: line + 1, ...readJson(rest) };
}

function readJson(text: string): Omit<Line, 'line'> {
  try {
    const record: unknown = JSON.parse(text);
    if (typeof record === 'object' && record !== null && !Array.isArray(record)) return { record: { ...record } };
  } catch {
    // Told below, as anything else that is no object.
  }
  return { errors: [{ pointer: '', rule: 'not_json', message: 'Put one JSON object on each line.' }] };
}

interface CsvParts {
  delimiter: string;
  onColumns: (names: string[]) => void;
}

async function* fromCsv({ path, encoding }: FileOptions, { delimiter, onColumns }: CsvParts): AsyncGenerator<Line> {
  const broken: Line[] = [];
  let lastWhole = 0;
  const parser = parse({
    ...{ delimiter, info: true, relax_column_count: true, skip_empty_lines: true, skip_records_with_error: true },
    max_record_size: longestLine,
    on_skip: (error) => {
      const line = error && brokenLine(error);
      // One line may break two rules of quoting; it is one line all the same.
      if (line && broken.at(-1)?.line !== line.line) broken.push(line);
    },
  });
  const source = Readable.from(textOf(path, encoding));
  source.once('error', (error) => parser.destroy(error));
  let columns: string[] | undefined;
  for await (const { record, info } of source.pipe(parser)) {
    const cells = record as string[];
    const line = info.lines - cells.join('').split('\n').length + 1;
    yield* takeBroken(line);
    lastWhole = info.lines;
    if (columns) {
      yield { line, ...assemble(columns, cells) };
    } else {
      columns = cells.map((name) => withoutGuard(name).trim());
      onColumns(columns);
    }
  }
  yield* takeBroken(Number.POSITIVE_INFINITY);
  if (!columns) throw new Failure('usage', `${path} has no header row.`);

  /** Those before `line`; one that swallowed the rest of the file ends the reading. */
  function* takeBroken(line: number): Generator<Line> {
    const before = broken.filter((one) => one.line < line);
    for (const one of before) {
      if (/size|not_closed/.test(one.errors?.[0]?.rule ?? '')) throw unclosed(path, lastWhole + 1);
      yield one;
    }
    broken.splice(0, before.length);
  }
}

const unclosed = (path: string, line: number): Failure =>
  new Failure('usage', `${path}: a quotation mark that is opened in line ${line} or after is never closed.`);

function brokenLine({ code, message, ...error }: CsvError): Line {
  const line = Number((error as { lines?: number }).lines ?? 0);
  return { line, errors: [{ pointer: '', rule: code.toLowerCase().replace(/^csv_/, ''), message }] };
}

function assemble(columns: string[], cells: string[]): Omit<Line, 'line'> {
  if (cells.length !== columns.length) {
    const message = `The header has ${columns.length} columns, this line ${cells.length}.`;
    return { errors: [{ pointer: '', rule: 'column_count', message }] };
  }
  return { record: Object.fromEntries(columns.map((name, index) => [name, withoutGuard(cells[index] ?? '')])) };
}

/** What the heading is parted by: a spreadsheet set to German writes semicolons. */
function delimiterIn(beginning: Buffer): string {
  const [heading = ''] = beginning
    .toString('latin1')
    .replaceAll('\0', '')
    .split(/[\r\n]/, 1);
  const counted = [',', ';', '\t'].map((mark) => ({ mark, count: heading.split(mark).length }));
  return counted.reduce((best, one) => (one.count > best.count ? one : best)).mark;
}

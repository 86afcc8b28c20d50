/**
 * The records of a file of orders, one by one, each under its line number. A line that can't be read is told and leaves
 * the others alone; a file that can't be read at all ends the reading.
 */
import type { FieldError } from '../../kernel/errors.ts';
import { type Reading, rowsIn, UnreadableCsv } from '../../runtime/csv-rows.ts';
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
  else yield* fromCsv(file, { beginning: new TextDecoder(file.encoding).decode(beginning), onColumns });
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

async function* fromCsv({ path, encoding }: FileOptions, parts: Omit<Reading, 'longest'>): AsyncGenerator<Line> {
  try {
    yield* rowsIn(textOf(path, encoding), { ...parts, longest: longestLine });
  } catch (error) {
    if (error instanceof UnreadableCsv) throw new Failure('usage', `${path}: ${error.message}`);
    throw error;
  }
}

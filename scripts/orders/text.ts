/**
 * A file as text, piece by piece: a gigabyte of it never is in memory. What is no text in the encoding that was named is a
 * clear no with the line it is in, never a text with question marks.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Failure } from '../command-line/exit.ts';

export const encodings = ['utf-8', 'utf-16le', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

/** More than any order is long; less than would hurt. */
export const longestLine = 1 << 20;

const beginnings: [string, number[]][] = [
  ['an Excel workbook or another archive; save it as "CSV UTF-8"', [0x50, 0x4b, 0x03, 0x04]],
  ['compressed; unpack it first', [0x1f, 0x8b]],
  ['a PDF; export it as CSV', [0x25, 0x50, 0x44, 0x46]],
];

/** The first bytes: enough to see what kind of file it is, and its heading. */
export async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new Failure(error.code === 'ENOENT' ? 'notFound' : 'failed', `${path} can't be read (${error.code}).`);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    throw new Failure('usage', `${path} is not a readable file.`);
  } finally {
    await file.close();
  }
}

export function mustBeText(path: string, beginning: Buffer, encoding: Encoding): void {
  if (beginning.length === 0) throw new Failure('usage', `${path} is empty.`);
  const other = beginnings.find(([, bytes]) => beginning.subarray(0, bytes.length).equals(Buffer.from(bytes)));
  if (other) throw new Failure('usage', `${path} is ${other[0]}.`);
  const isWide = beginning.subarray(0, 2).equals(Buffer.from([0xff, 0xfe])) || beginning.subarray(0, 200).includes(0);
  if (isWide && encoding !== 'utf-16le') {
    throw new Failure('usage', `${path} looks like UTF-16. Save it as UTF-8, or use --encoding utf-16le.`);
  }
}

export async function* textOf(path: string, encoding: Encoding): AsyncGenerator<string> {
  const stream = createReadStream(path, { highWaterMark: 65_536 });
  if (encoding === 'utf-8') return yield* utf8(path, stream);
  const decoder = new TextDecoder(encoding, { fatal: true });
  for await (const bytes of stream) yield decoder.decode(bytes as Buffer, { stream: true });
  yield decoder.decode();
}

/** Whole lines at a time, so that the line of a wrong byte is known. */
async function* utf8(path: string, stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  let lines = 0;
  let isFirst = true;
  const decoded = (bytes: Buffer): string => {
    if (!isUtf8(bytes)) throw notUtf8(path, lines + badLineIn(bytes));
    const text = bytes.toString('utf8');
    const begun = isFirst ? text.replace(/^\ufeff/, '') : text;
    isFirst = false;
    for (const byte of bytes) if (byte === 0x0a) lines += 1;
    return begun;
  };
  for await (const bytes of stream) {
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end > 0) yield decoded(Buffer.concat([rest, bytes.subarray(0, end)]));
    rest = end > 0 ? bytes.subarray(end) : Buffer.concat([rest, bytes]);
    if (rest.length > longestLine) throw tooLong(path, lines + 1);
  }
  if (rest.length > 0) yield decoded(rest);
}

function badLineIn(bytes: Buffer): number {
  let line = 1;
  for (let from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    const to = end === -1 ? bytes.length : end + 1;
    if (!isUtf8(bytes.subarray(from, to))) return line;
    from = to;
  }
  return line;
}

const notUtf8 = (path: string, line: number): Failure =>
  new Failure(
    'usage',
    `${path} is not UTF-8: line ${line} is not valid. Save it as UTF-8, or use --encoding windows-1252.`,
  );

export const tooLong = (path: string, line: number): Failure =>
  new Failure('usage', `${path}: line ${line} is longer than 1 MB. Is a line break missing, or a quotation mark open?`);

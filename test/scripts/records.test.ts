import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, Failure } from '../../scripts/command-line/exit.ts';
import { mustHaveColumns, plainMapping, readMapping } from '../../scripts/orders/mapping.ts';
import { type FileOptions, type Line, recordsIn } from '../../scripts/orders/records.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'orderworks-records-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const heading = 'account,product,tier,title,client_name,client_email';
const row = (title: string) => `acme,listings,basic,${title},Cleo,cleo@example.com`;

async function read(content: string | Buffer, options: Partial<FileOptions> = {}): Promise<Line[]> {
  const path = join(dir, 'file');
  await writeFile(path, content);
  const file: FileOptions = { path, format: 'csv', encoding: 'utf-8', ...options };
  const lines: Line[] = [];
  for await (const line of recordsIn(file, (columns) => mustHaveColumns('file', columns, plainMapping)))
    lines.push(line);
  return lines;
}

const failure = async (reading: Promise<unknown>): Promise<Failure> => {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Failure) return error;
  throw error ?? new Error('It was read.');
};

describe('a file of orders', () => {
  test('is read by semicolons or tabs, with a byte order mark and in another encoding', async () => {
    const german = `\ufeff${heading}\n${row('Bäckerei')}\n`.replaceAll(',', ';');
    expect((await read(german))[0]?.record).toMatchObject({ account: 'acme', title: 'Bäckerei' });
    const wide = Buffer.from(german.replaceAll(';', '\t'), 'utf16le');
    expect((await read(wide, { encoding: 'utf-16le' }))[0]?.record).toMatchObject({
      account: 'acme',
      title: 'Bäckerei',
    });
    const latin = Buffer.from(`${heading}\r\n${row('Bäckerei')}`, 'latin1');
    expect((await read(latin, { encoding: 'windows-1252' }))[0]?.record).toMatchObject({ title: 'Bäckerei' });
  });

  test('tells of each line that is broken, under its number, and reads the others', async () => {
    const lines = await read(
      `${[heading, row('A'), 'acme', row('"B\non two"'), row('C "q"'), '', row('D')].join('\n')}\n`,
    );
    expect(lines.map(({ line, record, errors }) => [line, record?.['title'] ?? errors?.[0]?.rule])).toEqual([
      [2, 'A'],
      [3, 'column_count'],
      [4, 'B\non two'],
      [6, 'invalid_opening_quote'],
      [8, 'D'],
    ]);
  });

  test('may be JSON lines, of which each that is no object is told', async () => {
    const lines = await read('{"title":"A"}\n\nnonsense\n[1]\n{"title":"B"}', { format: 'jsonl' });
    expect(lines.map(({ line, record, errors }) => [line, record?.['title'] ?? errors?.[0]?.rule])).toEqual([
      [1, 'A'],
      [3, 'not_json'],
      [4, 'not_json'],
      [5, 'B'],
    ]);
  });

  test.each([
    ['is empty', '', 'is empty'],
    ['has bytes of another encoding, with the line', latin1(70_000), 'line 70002 is not valid'],
    ['is UTF-16', Buffer.from(`\ufeff${heading}\n`, 'utf16le'), '--encoding utf-16le'],
    ['is a workbook', Buffer.from('PK\x03\x04rest'), 'save it as "CSV UTF-8"'],
    ['lacks columns', 'account;produkt\nacme;seo\n', 'no column product, tier, title, client.name, client.email'],
    ['has a column twice', `${heading},title\n`, 'two columns "title"'],
    ['has a quotation mark left open', `${heading}\n${row('A')}\nacme,"listings\n${row('B')}`, 'line 3 or after'],
  ])('that %s is refused', async (_what, content, words) => {
    const { message, exit } = await failure(read(content));
    expect(codeOf(exit)).toBe(2);
    expect(message).toContain(words);
  });

  test('of which a line never ends is refused, in little memory', async () => {
    const before = process.memoryUsage().rss;
    const huge = Buffer.alloc(64 << 20, 'x');
    expect((await failure(read(huge, { format: 'jsonl' }))).message).toContain('longer than 1 MB');
    const quoted = Buffer.concat([Buffer.from(`${heading}\nacme,"`), Buffer.alloc(64 << 20, 'line\n')]);
    expect((await failure(read(quoted))).message).toContain('line 2 or after');
    expect(process.memoryUsage().rss - before).toBeLessThan(400 << 20);
  });
});

describe('a mapping', () => {
  test.each([
    ['a field that there is not', '{"columns":{"colour":"Farbe"}}', 'options.<name>'],
    ['a part that there is not', '{"column":{}}', '/column: Unknown field'],
    ['what is no JSON', '{', 'is not JSON'],
  ])('with %s is refused', async (_what, content, words) => {
    const path = join(dir, 'mapping.json');
    await writeFile(path, content);
    expect((await failure(readMapping(path))).message).toContain(words);
  });
});

function latin1(lines: number): Buffer {
  const good = `${row('A')}\n`.repeat(lines);
  return Buffer.from(`${heading}\n${good}${row('Bäckerei')}\n`, 'latin1');
}

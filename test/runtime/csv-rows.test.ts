/** One reader for every CSV that people bring: whatever program wrote it, each row is read as it was meant, or refused by line and column. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine } from '../../runtime/csv-cells.ts';
import { type Row, rowsIn, UnreadableCsv } from '../../runtime/csv-rows.ts';

async function read(text: string, piece = 1_000): Promise<{ columns: string[]; rows: Row[] }> {
  const pieces = text.match(new RegExp(`[^]{1,${piece}}`, 'gu')) ?? [];
  let columns: string[] = [];
  const rows: Row[] = [];
  const onColumns = (names: string[]) => {
    columns = names;
  };
  for await (const row of rowsIn(pieces, { beginning: text, longest: 10_000, onColumns })) rows.push(row);
  return { columns, rows };
}

const whole = [
  { line: 2, record: { order: 'a', title: 'Müller, Söhne' } },
  { line: 3, record: { order: 'b', title: 'two\nlines' } },
];

describe('the reader of CSV', () => {
  test.each([
    ['commas', 'order,title\na,"Müller, Söhne"\nb,"two\nlines"\n'],
    ['semicolons', 'order;title\na;Müller, Söhne\nb;"two\nlines"'],
    ['tabs', 'order\ttitle\na\tMüller, Söhne\nb\t"two\nlines"\n'],
    ['a byte order mark', '\ufefforder,title\na,"Müller, Söhne"\nb,"two\nlines"\n'],
    ['empty columns at the end', 'order,title,,\na,"Müller, Söhne",,\nb,"two\nlines",,\n'],
    ['empty cells past the heading', 'order;title\na;Müller, Söhne;;\nb;"two\nlines";\n'],
    ['commas in the heading', '"order";"title"\na;Müller, Söhne\nb;"two\nlines"\n'],
  ])('takes %s', async (_, text) => {
    expect((await read(text)).rows).toEqual(whole);
  });

  test.each([';', ',', '\t', '|'])('takes what `sep=%s` says, and counts its line', async (mark) => {
    for (const begun of [
      `sep=${mark}`,
      `sep=${mark}${mark}${mark}`,
      `"sep=${mark}"${mark}`,
      `"sep=${mark}"`,
      `\ufeffsep=${mark}\r`,
      `SEP=${mark}`,
    ]) {
      const { rows } = await read(`${begun}\norder${mark}title,x\na${mark}b\n`.replaceAll('title,x', 'title'));
      expect(rows).toEqual([{ line: 3, record: { order: 'a', title: 'b' } }]);
    }
  });

  test('takes rows whose line ends differ', async () => {
    const { rows } = await read('order;title\na;"two\r\nlines"\r\nb;B\rc;"C"\n');
    expect(rows).toEqual([
      { line: 2, record: { order: 'a', title: 'two\nlines' } },
      { line: 4, record: { order: 'b', title: 'B' } },
      { line: 5, record: { order: 'c', title: 'C' } },
    ]);
  });

  test('passes over blank rows, wherever they are, and keeps the line numbers', async () => {
    const { rows } = await read('\n;;\norder;title;\n;;\na;A;\n  ;\t;\n\nb;B;\n;;\n');
    expect(rows.map(({ line, record }) => [line, record?.['order']])).toEqual([
      [5, 'a'],
      [8, 'b'],
    ]);
  });

  test.each([
    [
      'a cell past the heading',
      'a,A,more',
      { rule: 'column_count', message: 'The header has 2 columns, this line 3.' },
    ],
    ['a cell too few', 'a', { rule: 'column_count' }],
    [
      'a cell under no heading',
      'a,A',
      { rule: 'column_unnamed', message: expect.stringContaining('Column 2') },
      'order,,title',
    ],
    [
      'a mark inside a text',
      'a,A "b" c',
      { rule: 'invalid_opening_quote', message: expect.stringContaining('Column 2') },
    ],
  ])('refuses %s by its line and column, and reads the others', async (_, row, error, heading = 'order,title') => {
    const good = heading === 'order,title' ? 'z,Z' : 'z,,Z';
    const bad = heading === 'order,title' ? row : 'a,A,';
    const { rows } = await read(`${heading}\n${good}\n${bad}\n${good}\n`);
    expect(rows.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(rows.map(({ record }) => record?.['title'])).toEqual(['Z', undefined, 'Z']);
    const { rule, ...rest } = error as { rule: string | RegExp };
    expect(rows[1]?.errors?.[0]).toMatchObject(rest);
    expect(rows[1]?.errors?.[0]?.rule).toMatch(rule);
  });

  test.each([
    ['', 'no_heading'],
    ['\n;;\n', 'no_heading'],
    ['order,title\na,"A\nb,B\n', 'not_closed'],
    ['order,title\na,"A" b\nb,B\n', 'not_closed'],
  ])('refuses %j as a whole', async (text, rule) => {
    const error = await read(text).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnreadableCsv);
    expect((error as UnreadableCsv).rule).toBe(rule);
  });

  test('reads back whatever was written, however it arrives', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('=1', "'=1", 'a;b', 'a,b', '"', 'a\r\nb', '👩‍👩‍👧', ''),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, value), { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        async (pairs, piece) => {
          const text = [['key', 'one', 'other'], ...pairs.map((pair) => ['k', ...pair])].map(csvLine).join('');
          const { rows } = await read(text, piece);
          // Every line ends with a line feed, in a cell too, as in all texts that people send us.
          const alike = pairs.map((pair) => pair.map((cell) => cell.replace(/\r\n?/g, '\n')));
          expect(rows.map(({ record }) => [record?.['one'], record?.['other']])).toEqual(alike);
        },
      ),
      { numRuns: 60 },
    );
  });
});

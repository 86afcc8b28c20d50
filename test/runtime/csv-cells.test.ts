import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine, guarded, withoutGuard } from '../../runtime/csv-cells.ts';

const risky = fc.constantFrom(
  '=',
  '+',
  '-',
  '@',
  '\t',
  '\r',
  '\n',
  '＝',
  '＋',
  '－',
  '＠',
  "'",
  ' ',
  '"',
  ',',
  ';',
  'a',
  '1',
);
const text = fc.oneof(
  fc.array(risky, { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme' }),
);

describe('a cell', () => {
  test('never begins what a spreadsheet takes for a formula', () => {
    fc.assert(
      fc.property(text, (value) => {
        const [[cell = ''] = []] = parse(csvLine([value, 'end'])) as string[][];
        expect(cell).not.toMatch(/^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/);
      }),
    );
  });

  test('is read back as what was written', () => {
    fc.assert(
      fc.property(text, (value) => {
        const [cells] = parse(csvLine([value, 'end'])) as string[][];
        expect(cells?.map(withoutGuard)).toEqual([value, 'end']);
      }),
    );
  });

  test('loses its guard once, and only where it has one', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(withoutGuard(guarded(value))).toBe(value);
      }),
    );
  });

  test('keeps numbers as numbers, and nothing as nothing', () => {
    expect(csvLine([-3, true, undefined, null, 'plain'])).toBe('-3,true,,,plain\r\n');
  });
});

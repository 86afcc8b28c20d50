import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfter } from '../../kernel/retry-after.ts';
import { hours, seconds } from '../../kernel/time.ts';

const now = new Date('2026-11-29T06:00:00Z');
const read = (said: Parameters<typeof retryAfter>[0]) => retryAfter(said, { now, most: hours(1) });

describe('Retry-After', () => {
  test.each([
    ['seconds', '120', seconds(120)],
    ['seconds with spaces around them', ' 120 ', seconds(120)],
    ['parts of a second', '0.5', 500],
    ['a date', 'Sun, 29 Nov 2026 06:10:00 GMT', seconds(600)],
    ['a date after RFC 850', 'Sunday, 29-Nov-26 06:10:00 GMT', seconds(600)],
    ['a date as asctime writes it', 'Sun Nov 29 06:10:00 2026', seconds(600)],
    ['more than anybody waits', '999999999999999999999999', hours(1)],
    ['a date that is too far away', 'Fri, 31 Dec 9999 23:59:59 GMT', hours(1)],
    ['the first of several', ['30', '60'], seconds(30)],
  ])('is read as %s', (_, said, wait) => {
    expect(read(said)).toBe(wait);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['no wait', '0'],
    ['a negative wait', '-5'],
    ['a date that has passed', 'Sat, 28 Nov 2026 06:10:00 GMT'],
    ['now', 'Sun, 29 Nov 2026 06:00:00 GMT'],
    ['an exponent', '1e9'],
    ['a hexadecimal number', '0x10'],
    ['Infinity', 'Infinity'],
    ['a year alone', '2099-'],
    ['words', 'soon, but not before Monday'],
    ['a day that there is not', 'Sun, 45 Nov 2026 06:10:00 GMT'],
  ])('says nothing where it is %s', (_, said) => {
    expect(read(said)).toBeUndefined();
  });

  test('is a whole number of milliseconds, and never longer than we are willing to wait', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (said) => {
          const wait = read(said) ?? 1;
          expect(Number.isInteger(wait) && wait > 0 && wait <= hours(1)).toBe(true);
        },
      ),
    );
  });
});

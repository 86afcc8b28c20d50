import { describe, expect, test } from 'vitest';
import { isSame } from '../../kernel/tokens.ts';

describe('comparing secrets', () => {
  test.each([
    ['', '', true],
    ['seal', 'seal', true],
    ['sééél', 'sééél', true],
    ['seal', 'seam', false],
    ['seal', 'sea', false],
    // As long in characters, not in bytes: a made-up cursor may hold anything.
    ['seal', 'séal', false],
  ])('of %j and %j says %s', (expected, given, same) => {
    expect(isSame(expected, given)).toBe(same);
  });
});

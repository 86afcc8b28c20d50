import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clip } from '../../kernel/clip.ts';

/** As it is stored and sent: half a character would come back as another. */
const sent = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

describe('a text that is clipped', () => {
  test('is a beginning of it, as long as asked for but for one half of a character, and never ends in one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(60), (text, most) => {
        const clipped = clip(text, most);
        expect(text.startsWith(clipped)).toBe(true);
        expect(clipped.length).toBeLessThanOrEqual(most);
        expect(clipped.length).toBeGreaterThanOrEqual(Math.min(text.length, most) - 1);
        expect(sent(clipped)).toBe(clipped);
      }),
    );
  });

  test('loses a character that does not fit whole', () => {
    expect([clip('ab👩', 3), clip('ab👩', 4), clip('ab👩c', 4)]).toEqual(['ab', 'ab👩', 'ab👩']);
  });
});

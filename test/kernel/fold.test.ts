import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, questionWords, searchWords, sortKey } from '../../kernel/fold.ts';

const finds = (text: string, question: string): boolean => {
  const words = searchWords(text);
  return questionWords(question).every((asked) => words.some((word) => word.startsWith(asked)));
};

describe('a text is found', () => {
  test.each([
    ['Harbor Lane Plumbing: SEO', 'Harbor Lane Plumbing: SEO'],
    ['Harbor Lane Plumbing: SEO', 'plumb seo'],
    ['Bäckerei Müller', 'backerei muller'],
    ['Bäckerei Müller', 'baeckerei mueller'],
    ['Ba\u0308ckerei Mu\u0308ller', 'bäckerei'],
    ['Bäckerei', 'ba\u0308ck'],
    ['O’Brien & Sons', "o'brien"],
    ["O'Brien & Sons", 'O‘Brien'],
    ['O’Brien & Sons', 'obrien'],
    ['İstanbul Kebap', 'istanbul'],
    ['Istanbul Kebap', 'İSTANBUL'],
    ['Łódź Bistro', 'lodz'],
    ['Straße 7', 'STRASSE'],
    ['ร้านดอกไม้', 'ร้าน'],
    ['हिन्दी दुकान', 'हिन्दी'],
    ['river rafting (50% off)', '50%'],
    ['www.example.com', 'example.com'.slice(0, 7)],
    ['ann@mueller.example', 'ann@mueller.example'],
  ])('%s by %s', (text, question) => {
    expect(finds(text, question)).toBe(true);
  });

  test.each([
    ['Harbor Lane', 'arbor'],
    ['ร้านดอกไม้', 'รานดอก'],
    ['Bakery', '.*'],
  ])('but not %s by %s', (text, question) => {
    expect(finds(text, question)).toBe(false);
  });

  test('by itself, whatever it is, as long as it has a word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        if (searchWords(text).length === 0) return;
        const question = text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
        expect(question.length === 0 || finds(text, question.join(' ') || text)).toBe(true);
      }),
    );
  });
});

test('a telephone number is one word, however it is spelled', () => {
  for (const spelling of ['+1 808 555-0123', '+1 (808) 555 0123', '001 808 555 0123']) {
    expect(questionWords(spelling)).toEqual(['18085550123']);
  }
  expect(questionWords('(808) 555-0123')).toEqual(['8085550123']);
  expect(questionWords('+49 (0)30 1234567')).toEqual(['49301234567']);
  expect(questionWords('4711')).toEqual(['4711']);
});

test('composed and decomposed spellings fold to the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(fold(text.normalize('NFD'))).toBe(fold(text.normalize('NFC')));
    }),
  );
});

test('titles sort as people sort', () => {
  const sorted = ['Äpfel 2', 'apfel 10', 'Bär', 'éclair', 'Zebra'];
  const shuffled = ['Zebra', 'éclair', 'apfel 10', 'Bär', 'Äpfel 2'];
  expect(shuffled.sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1))).toEqual(sorted);
});

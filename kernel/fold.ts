/**
 * Text as people search and sort it: without case, accents and kinds of apostrophe, so that `muller` finds `Müller` and
 * `o'brien` finds `O’Brien`. What is indexed and what is asked go through the same function, or they would not meet.
 */
import { clip } from './clip.ts';

const letters: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' };
const umlauts: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue' };

/** Composed and decomposed spellings of one text fold to the same. Marks that carry meaning (Thai, Hindi) stay. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[ßæœøłđðþı]/g, (letter) => letters[letter] ?? letter)
    .replace(/[\u2018\u2019\u201b\u02bc\u0060\u00b4\u2032]/g, "'")
    .normalize('NFC');
}

/** The German spelling without umlauts, as in email addresses: `Müller` as `mueller`. */
const spelledOut = (text: string): string =>
  fold(text.normalize('NFC').replace(/[äöüÄÖÜ]/g, (letter) => umlauts[letter.toLowerCase()] ?? letter));

const edges = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;
const inner = /[^\p{L}\p{M}\p{N}']+/u;
const longestWord = 120;

/** The folded words by which a text is found: each as it stands between spaces, its parts, and without apostrophes. */
export function searchWords(text: string): string[] {
  const spellings = [...new Set([fold(text), spelledOut(text)])];
  const whole = spellings.flatMap((spelling) => spelling.split(/\s+/)).map((word) => word.replace(edges, ''));
  const parts = whole.flatMap((word) => [...word.split('@'), ...word.split(inner)]);
  const plain = [...whole, ...parts].filter((word) => word.includes("'")).map((word) => word.replaceAll("'", ''));
  const words = [...whole, ...parts, ...plain].map((word) => clip(word, longestWord));
  return [...new Set(words)].filter(Boolean);
}

/** What a question asks for: each word must begin a word of what it finds. A telephone number is one word. */
export function questionWords(question: string): string[] {
  const digits = digitsOf(question);
  if (digits !== undefined) return [digits];
  const asked = fold(question).split(/\s+/).filter(Boolean);
  const words = asked.map((word) => word.replace(edges, '')).filter(Boolean);
  // Signs between words say nothing; a question of nothing else finds nothing.
  return [...new Set(words.length > 0 ? words : asked)].map((word) => clip(word, longestWord));
}

/** The digits of what looks like a telephone number in any spelling; undefined for anything else. */
function digitsOf(question: string): string | undefined {
  if (!/^\+?[\d\s()./-]+$/.test(question) || !/[\s+()]|^00/.test(question.trim())) return undefined;
  const digits = question
    .replace(/^\s*00/, '')
    .replace(/\(0\)/, '')
    .replace(/\D/g, '');
  return digits.length >= 5 ? digits : undefined;
}

/** Sorts as people sort: without case and accents, and numbers by their value (`Item 9` before `Item 10`). */
export function sortKey(text: string): string {
  const folded = fold(text.trim()).replace(/\d{1,15}/g, (digits) => digits.replace(/^0+(?=\d)/, '').padStart(15, '0'));
  return clip(folded, 400);
}

/** Words: keywords, texts with a limit, dates and the evidence that staff attest with. */
import { z } from 'zod';

/** A browser ends lines with CR LF; here, and wherever lengths are counted, a line break is one character. */
export const oneBreak = (said: string): string => said.replace(/\r\n?/g, '\n');

/** Words of a person, before anything is asked of their length. */
const written = () => z.string().overwrite(oneBreak).trim();

export const textUpTo = (max: number) => written().max(max, `Use at most ${max} characters.`);

export const text = (max: number) => written().min(1, 'Enter some text.').max(max, `Use at most ${max} characters.`);

/** What the attesting person saw, and where: a screenshot's address, an invitation's number. */
export const evidence = written()
  .min(5, 'Say what was seen and where, in five characters or more.')
  .max(2_000, 'Use at most 2000 characters.');

export const isoDate = z.iso.date('Enter a date such as 2026-03-31.');
export const isoTime = z.iso.datetime({ offset: true, message: 'Enter a time such as 2026-03-31T09:00:00Z.' });

const languageNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

const fold = (word: string): string => word.normalize('NFC').trim().replace(/\s+/g, ' ').toLocaleLowerCase('en');

/** Between `min` and `max` keywords, case-folded, each once. */
export const keywords = (min: number, max = 500) =>
  z
    .array(
      z
        .string()
        .max(200, 'Use at most 80 characters.')
        .overwrite(fold)
        .min(1, 'A keyword cannot be empty.')
        .max(80, 'Use at most 80 characters.'),
    )
    .min(min, `Enter at least ${min}.`)
    .max(max, `Enter at most ${max}.`)
    .refine((words) => new Set(words).size === words.length, 'Enter each keyword only once.');

/** True, and nothing else: a fact that has to hold before a stage is left. */
export const holds = (what: string) => z.literal(true, `Only when ${what}.`);

export const languageCode = z
  .string()
  .trim()
  .toLowerCase()
  .refine(isLanguage, 'Enter the code of a language, such as en or zh-hant.');

/** The engine is asked for the language's name: codes that are only well-formed have none. */
function isLanguage(code: string): boolean {
  if (!/^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}$/.test(code)) return false;
  return languageNames.of(code.slice(0, code.search(/-|$/))) !== undefined;
}

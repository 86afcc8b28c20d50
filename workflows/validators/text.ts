/** Words: keywords, texts with a limit, dates and the evidence that staff attest with. */
import { z } from 'zod';

export const text = (max: number) =>
  z.string().trim().min(1, 'Say something.').max(max, `Use at most ${max} characters.`);

/** What the attesting person saw, and where: a screenshot's address, an invitation's number. */
export const evidence = z.string().trim().min(5, 'Say what was seen and where, in five characters or more.').max(2_000);

export const isoDate = z.iso.date('Give a date such as 2026-03-31.');
export const isoTime = z.iso.datetime({ offset: true, message: 'Give a time such as 2026-03-31T09:00:00Z.' });

const fold = (word: string): string => word.trim().replace(/\s+/g, ' ').toLocaleLowerCase('en');

/** Between `min` and `max` keywords, case-folded, each once. */
export const keywords = (min: number, max = 500) =>
  z
    .array(
      z.string().max(200).overwrite(fold).min(1, 'A keyword cannot be empty.').max(80, 'Use at most 80 characters.'),
    )
    .min(min, `Give at least ${min}.`)
    .max(max, `Give at most ${max}.`)
    .refine((words) => new Set(words).size === words.length, 'Give each keyword once.');

/** True, and nothing else: a fact that has to hold before a stage is left. */
export const holds = (what: string) => z.literal(true, `Only when ${what}.`);

export const timeZone = z
  .string()
  .refine(
    (zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC',
    'Give a time zone such as America/Chicago.',
  );

export const languageCode = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z]{2}$/, 'Give the two letters of a language, such as en.');

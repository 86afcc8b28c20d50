/**
 * Telephone numbers: stored in E.164, with an extension behind it as `+493012345 ext. 68`. A number without its country
 * can't be understood, so it must come with a plus sign. Only what is a number through and through is read: letters, two
 * numbers in one, or another ending behind a slash would be cut off or run together without a word.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { plainDigits } from './digits.ts';

/** Digits with what people put between them, then an extension by any of its usual names. */
const written =
  /^(?:tel:)?\s*([+\uff0b][\p{Nd}\s().\-\u2010-\u2015/]*\p{Nd})(?:\s*(?:;ext=|,|#|\bext(?:ension|n)?\b\.?|(?<![a-z])x|durchwahl|poste|anexo|ramal|int\b\.?|доб\.?)\s*:?\s*#?(\p{Nd}{1,7}))?$/iu;
/** `1234567/68` is two numbers that share their beginning; `030/1234567` is one. */
const otherEnding = /\/\s*\p{Nd}{1,4}$/u;

function canonical(text: string): string {
  const [, main, extension] = written.exec(text) ?? [];
  if (main === undefined || otherEnding.test(main)) return text;
  const number = parsePhoneNumberFromString(plainDigits(main.replace('\uff0b', '+')).replaceAll('/', ' '));
  if (!number?.isPossible()) return text;
  return extension === undefined ? number.number : `${number.number} ext. ${plainDigits(extension)}`;
}

function isPhone(text: string): boolean {
  const [, number = ''] = /^(\+[1-9]\d{6,14})(?: ext\. \d{1,7})?$/.exec(text) ?? [];
  return Boolean(parsePhoneNumberFromString(number)?.isPossible());
}

export const phone = z
  .string()
  .trim()
  .max(60, 'Enter one number, of at most 60 characters.')
  .overwrite(canonical)
  .check(({ value, issues }) => {
    if (!isPhone(value)) issues.push({ code: 'custom', input: value, message: sayWhy(value), continue: false });
  });

function sayWhy(text: string): string {
  if (/\/\s*\p{Nd}{1,4}$/u.test(text)) {
    return 'Enter one number; write an extension as +14155550132 ext. 68.';
  }
  if (/^\s*[+\uff0b]/.test(text) && /\p{L}|[,;/]\s*[+\uff0b]/u.test(text)) {
    return 'Enter one number in digits, such as +14155550132, or with an extension, such as +14155550132 ext. 68.';
  }
  if (written.test(text)) return 'No number of that country is this long; check it, such as +14155550132.';
  return 'Enter the number with its country, such as +14155550132.';
}

/**
 * People and how to reach them. Phones are stored in E.164; a number without its country can't be understood, so it
 * must come with a plus sign. A NAP is the one canonical name, address and phone that every listing repeats.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { person } from '../words/commands.ts';

const toE164 = (text: string): string => {
  const number = parsePhoneNumberFromString(text);
  return number?.isPossible() ? number.number : text;
};

export const phone = z
  .string()
  .trim()
  .max(40)
  .overwrite(toE164)
  .regex(/^\+[1-9]\d{6,14}$/, 'Give the number with its country, such as +14155550132.')
  .refine((text) => Boolean(parsePhoneNumberFromString(text)?.isPossible()), 'No number of that country is this long.');

/** The one person who approves. */
export const approver = person;

export const country = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{2}$/, 'Give the two letters of the country, such as US.');

const line = (what: string, max = 120) => z.string().trim().min(1, `Give the ${what}.`).max(max);

export const nap = z.strictObject({
  name: line('name of the business'),
  address: z.array(line('address line')).min(1, 'Give at least one address line.').max(3),
  locality: line('town or city'),
  region: line('region').optional(),
  postal_code: line('postal code', 16),
  country,
  phone,
});

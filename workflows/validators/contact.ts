/** People and how to reach them. A NAP is the one canonical name, address and phone that every listing repeats. */
import { z } from 'zod';
import { person } from '../words/commands.ts';
import { phone } from './phone.ts';

export { phone };

/** The one person who approves. */
export const approver = person;

export const country = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{2}$/, 'Enter a two-letter country code, such as US.');

const line = (what: string, max = 120) =>
  z.string().trim().min(1, `Enter the ${what}.`).max(max, `Use at most ${max} characters.`);

export const nap = z.strictObject({
  name: line('name of the business'),
  address: z
    .array(line('address line'))
    .min(1, 'Enter at least one address line.')
    .max(3, 'Enter at most three address lines.'),
  locality: line('town or city'),
  region: line('region').optional(),
  postal_code: line('postal code', 16),
  country,
  phone,
});

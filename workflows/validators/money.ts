/** Money: whole minor units (cents) and a currency. A fraction of a cent never exists, so nothing is ever rounded. */
import { z } from 'zod';

const currency = z
  .string()
  .trim()
  .toUpperCase()
  .refine((code) => Intl.supportedValuesOf('currency').includes(code), 'Enter an ISO 4217 currency, such as USD.');

/** `unit` tells whoever shows the number what it is. */
export const minorUnits = z
  .int('Use whole minor units: 150000 for 1,500.00.')
  .min(1, 'Enter at least one minor unit.')
  .max(100_000_000_00, 'That is more than we handle.')
  .meta({ unit: 'minor' });

export const money = z.strictObject({ amount: minorUnits, currency });

/** What may be spent in a day, so that a month of average length stays inside its budget. */
export const dailyOf = (monthly: number): number => Math.floor(monthly / 30.4);

/** How many digits a currency has behind its point; two where it is unknown. */
export function digitsOf(code: string | undefined): number {
  if (!code || !Intl.supportedValuesOf('currency').includes(code)) return 2;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: code });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

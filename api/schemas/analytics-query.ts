/**
 * What analytics can be asked, and the period that is meant. Days are those of `time_zone`, else of the agency's zone,
 * else of UTC; both are part of the period. Without days it is the thirty days up to today.
 */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { type Days, dayAfter, dayIn, lengthOf, longest } from '../../workflows/analytics/period.ts';
import { products } from '../../workflows/index.ts';
import { isTimeZone } from '../../workflows/validators/time-zone.ts';

const day = z.iso
  .date('Use an existing date such as 2026-03-31.')
  .refine((text) => text >= '2000-01-01' && text <= '2099-12-31', 'Use a date from 2000-01-01 to 2099-12-31.');

export const analyticsQuery = z.strictObject({
  start_date: day.optional().describe('First day of the period; by default 29 days before `end_date`.'),
  end_date: day.optional().describe('Last day of the period; today by default.'),
  time_zone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'Use a time zone name such as Europe/Berlin.')
    .optional()
    .describe("Time zone of the days; by default the agency's, otherwise UTC."),
  product: z.enum(Object.keys(products)).optional(),
  compare: z.enum(['previous']).optional().describe('Compares each figure with the same number of days before.'),
});

export type AnalyticsQuery = z.output<typeof analyticsQuery>;

const usual = 30;

export function daysOf({ start_date, end_date }: AnalyticsQuery, zone: string, now: Date): Days {
  const last = end_date ?? dayIn(zone, now);
  const first = start_date ?? dayAfter(last, 1 - usual);
  if (first > last) throw backwards(end_date === undefined ? `today, which is ${last}` : `\`end_date\`, ${last}`);
  if (lengthOf({ first, last }) > longest) throw tooLong({ first, last });
  return { first, last };
}

function backwards(end: string): Refusal {
  const errors = [
    { pointer: '/query/start_date', rule: 'not_after_end_date', message: `Use a date that is not after ${end}.` },
    {
      pointer: '/query/end_date',
      rule: 'not_before_start_date',
      message: 'Use a date that is not before `start_date`.',
    },
  ];
  return new Refusal('invalid_request', 'The period ends before it starts.', errors);
}

function tooLong(asked: Days): Refusal {
  const message = `Use ${dayAfter(asked.last, 1 - longest)} or later. A period has at most ${longest} days.`;
  const words = `From ${asked.first} to ${asked.last} there are ${lengthOf(asked)} days. ${message}`;
  return new Refusal('invalid_request', words, [{ pointer: '/query/start_date', rule: 'too_long', message }]);
}

/**
 * What analytics can be asked, and the period that is meant. Days are those of `time_zone`, else of the agency's zone,
 * else of UTC; both are part of the period. Without days it is the thirty days up to today.
 */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { type Days, dayAfter, dayIn, isZone, lengthOf, longest } from '../../workflows/analytics/period.ts';
import { products } from '../../workflows/index.ts';

const day = z.iso
  .date('Give a day that exists, such as 2026-03-31.')
  .refine((text) => text >= '2000-01-01' && text <= '2099-12-31', 'Give a day from 2000-01-01 to 2099-12-31.');

export const analyticsQuery = z.strictObject({
  start_date: day.optional().describe('First day of the period; the 29th before `end_date` when absent.'),
  end_date: day.optional().describe('Last day of the period; today when absent.'),
  time_zone: z
    .string()
    .max(64)
    .refine(isZone, 'Give the name of a time zone, such as Europe/Berlin.')
    .optional()
    .describe("Whose days are meant; the agency's own zone when absent, or else UTC."),
  product: z.enum(Object.keys(products)).optional(),
  compare: z.enum(['previous']).optional().describe('Shows each figure beside that of as many days before.'),
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
    { pointer: '/query/start_date', rule: 'not_after_end_date', message: `Give a day that is not after ${end}.` },
    {
      pointer: '/query/end_date',
      rule: 'not_before_start_date',
      message: 'Give a day that is not before `start_date`.',
    },
  ];
  return new Refusal('invalid_request', 'The period ends before it starts.', errors);
}

function tooLong(asked: Days): Refusal {
  const message = `Give ${dayAfter(asked.last, 1 - longest)} or a later day: a period has at most ${longest} days.`;
  const words = `From ${asked.first} to ${asked.last} there are ${lengthOf(asked)} days. ${message}`;
  return new Refusal('invalid_request', words, [{ pointer: '/query/start_date', rule: 'too_long', message }]);
}

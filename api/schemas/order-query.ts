/** What the list of orders can be asked: every parameter has one form, and what does not have it is named. */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { after, days } from '../../kernel/time.ts';
import type { OrderFilter } from '../../models/order-search.ts';
import { products } from '../../workflows/index.ts';
import { id, stageKey } from './wire.ts';

const day = z
  .union([
    z.iso.date('Use a date such as 2026-03-31.'),
    z.iso.datetime({ offset: true, error: 'a time such as 2026-03-31T09:00:00Z.' }),
  ])
  .describe('A day such as 2026-03-31 (UTC), or a time such as 2026-03-31T09:00:00Z.');
export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `Use a whole number from ${min} to ${max}.`)
    .transform(Number)
    .refine((number) => number >= min && number <= max, `Use a whole number from ${min} to ${max}.`);

export const filterQuery = z.strictObject({
  start_date: day.optional().describe('Created on or after this day.'),
  end_date: day.optional().describe('Created on or before this day.'),
  onboarding_status: z.enum(['not_required', 'pending', 'sent', 'received', 'needs_revision', 'approved']).optional(),
  order_inactivity: whole(1, 3_650).optional().describe('No activity for this many days.'),
  product: z.enum(Object.keys(products)).optional(),
  setup_status: z.enum(['created', 'onboarding', 'setup', 'live', 'paused', 'completed', 'cancelled']).optional(),
  stage: stageKey.optional().describe('The stage the order is in.'),
  holder: z
    .enum(['client', 'agency', 'fulfillment', 'third_party', 'system'])
    .optional()
    .describe('Who holds the ball.'),
  manager: id.optional().describe("The order's manager."),
  assignee: id.optional().describe('A person assigned to the order in any role.'),
  account: id.optional(),
  q: z
    .string()
    .trim()
    .min(1, 'Enter at least one word.')
    .max(64, 'Enter at most 64 characters.')
    .refine((text) => text.split(/\s+/).length <= 5, 'Enter at most five words.')
    .optional()
    .describe('Word prefixes of the title, the client, their email address, or the id.'),
});

export const listQuery = filterQuery.extend({
  sort_by: z.enum(['created_at', 'last_activity', 'title', 'status']).default('created_at'),
  order: z.enum(['asc', 'desc']).default('desc'),
  page: whole(1, 500).optional(),
  limit: whole(1, 200).default(50),
  cursor: z.string().max(600).optional().describe('The `nextCursor` of the previous page, instead of `page`.'),
  count: z.enum(['exact']).optional().describe("Counts all matches; omit it if you don't show the count."),
});

export type ListQuery = z.output<typeof listQuery>;

export function filterOf(query: z.output<typeof filterQuery>, now: Date): OrderFilter {
  const {
    start_date,
    end_date,
    onboarding_status,
    order_inactivity,
    setup_status,
    product,
    stage,
    holder,
    manager,
    assignee,
    account,
    q,
  } = query;
  const createdFrom = start_date === undefined ? undefined : dateOf(start_date);
  const createdBefore = end_date === undefined ? undefined : after(dateOf(end_date), isDay(end_date) ? days(1) : 1);
  if (createdFrom && createdBefore && createdFrom >= createdBefore) throw noTimeBetween();
  return {
    ...{ account, product, stage, holder, manager, assignee, status: setup_status, onboarding: onboarding_status },
    ...{ createdFrom, createdBefore },
    inactiveSince: order_inactivity === undefined ? undefined : after(now, -days(order_inactivity)),
    words: q?.toLowerCase().split(/\s+/),
  };
}

function noTimeBetween(): Refusal {
  const errors = [
    { pointer: '/query/start_date', rule: 'not_after_end_date', message: 'Use a date that is not after `end_date`.' },
    {
      pointer: '/query/end_date',
      rule: 'not_before_start_date',
      message: 'Use a date that is not before `start_date`.',
    },
  ];
  return new Refusal('invalid_request', 'There is no time between start_date and end_date.', errors);
}

const isDay = (text: string): boolean => text.length === 10;

const dateOf = (text: string): Date => z.coerce.date().parse(text);

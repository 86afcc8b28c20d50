/** What the list of orders can be asked: every parameter has one form, and what does not have it is named. */
import { TZDate } from '@date-fns/tz';
import { endOfDay, endOfWeek } from 'date-fns';
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { questionWords } from '../../kernel/fold.ts';
import { after, days } from '../../kernel/time.ts';
import type { OrderFilter } from '../../models/order-search.ts';
import { products } from '../../workflows/index.ts';
import { tag } from '../../workflows/validators/tag.ts';
import { priorities, reference } from '../../workflows/words/commands.ts';
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

const mostWords = 10;
const statuses = ['created', 'onboarding', 'setup', 'live', 'paused', 'completed', 'cancelled'];

/** One or several of the choices, separated by commas. */
function listOf(choices: string[]) {
  const which = `one or more of ${choices.join(', ')}, separated by commas.`;
  const message = `Use ${which}`;
  return z
    .string()
    .max(500, message)
    .transform((text) => [...new Set(text.split(','))])
    .refine((given) => given.every((one) => choices.includes(one)), message)
    .optional()
    .describe(`O${which.slice(1)}`);
}

export const filterQuery = z.strictObject({
  start_date: day.optional().describe('Created on or after this day.'),
  end_date: day.optional().describe('Created on or before this day.'),
  onboarding_status: z.enum(['not_required', 'pending', 'sent', 'received', 'needs_revision', 'approved']).optional(),
  order_inactivity: whole(1, 3_650).optional().describe('No activity for this many days.'),
  product: listOf(Object.keys(products)),
  setup_status: listOf(statuses),
  stage: stageKey.optional().describe('The stage the order is in.'),
  holder: z
    .enum(['client', 'agency', 'fulfillment', 'third_party', 'system'])
    .optional()
    .describe('Who holds the ball.'),
  manager: id.optional().describe("The order's manager."),
  assignee: id.optional().describe('A person assigned to the order in any role.'),
  account: id.optional(),
  tag: tag.optional(),
  priority: z.enum(priorities).optional(),
  source: z.enum(['manual', 'store', 'import']).optional(),
  tier: z.string().min(1, 'Enter a tier.').max(64, 'Enter at most 64 characters.').optional(),
  reference: reference.optional().describe('The reference that another service gave the order.'),
  due: z
    .enum(['late', 'today', 'week'])
    .optional()
    .describe(
      'When `slaDueAt` is: in the past, later today, or later this week (to Sunday), in the time zone of the agency, otherwise UTC.',
    ),
  closed_since: day.optional().describe('Completed or cancelled on or after this day.'),
  has_alert: z.enum(['true', 'false']).optional().describe('Whether the order has an unresolved alert.'),
  q: z
    .string()
    .trim()
    .min(1, 'Enter at least one word.')
    .max(200, 'Enter at most 200 characters.')
    .refine((text) => questionWords(text).length <= mostWords, `Enter at most ${mostWords} words.`)
    .optional()
    .describe(
      'Word prefixes, in any case and without accents: the title, number, client, account name, tags, references, domains, or a telephone number in any spelling.',
    ),
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

/** `timeZone` is that of the days which `due` speaks of. */
export function filterOf(query: z.output<typeof filterQuery>, now: Date, timeZone = 'UTC'): OrderFilter {
  const { start_date, end_date, onboarding_status, order_inactivity, setup_status, closed_since, has_alert } = query;
  const { account, stage, holder, manager, assignee, tag, priority, source, tier, reference: called, q } = query;
  const createdFrom = start_date === undefined ? undefined : dateOf(start_date);
  const createdBefore = end_date === undefined ? undefined : after(dateOf(end_date), isDay(end_date) ? days(1) : 1);
  if (createdFrom && createdBefore && createdFrom >= createdBefore) throw noTimeBetween();
  return {
    ...{ account, stage, holder, manager, assignee, tag, priority, source, tier, reference: called },
    ...{ products: query.product, statuses: setup_status, onboarding: onboarding_status, createdFrom, createdBefore },
    ...(query.due && dueRange(query.due, now, timeZone)),
    closedFrom: closed_since === undefined ? undefined : dateOf(closed_since),
    hasAlert: has_alert === undefined ? undefined : has_alert === 'true',
    inactiveSince: order_inactivity === undefined ? undefined : after(now, -days(order_inactivity)),
    words: q === undefined ? undefined : questionWords(q),
  };
}

function dueRange(
  due: 'late' | 'today' | 'week',
  now: Date,
  timeZone: string,
): Pick<OrderFilter, 'dueFrom' | 'dueBefore'> {
  if (due === 'late') return { dueBefore: now };
  const there = new TZDate(now, timeZone);
  const end = due === 'today' ? endOfDay(there) : endOfWeek(there, { weekStartsOn: 1 });
  return { dueFrom: now, dueBefore: after(new Date(end.getTime()), 1) };
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

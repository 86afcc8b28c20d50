/**
 * What analytics reads of the spans, always inside the caller's scope and along an index that begins with how and when
 * spans ended. As with the list of orders, MongoDB gives up after two seconds, which is answered by 503.
 */
import type { OrderPast } from '../workflows/analytics/overview.ts';
import type { Period } from '../workflows/analytics/period.ts';
import type { Round } from '../workflows/analytics/rounds.ts';
import type { Span, StageSpan } from '../workflows/analytics/span.ts';
import type { Filter } from './collection.ts';
import { type Scope, within } from './scope.ts';
import type { SpanStore } from './span.ts';

interface Sought {
  scope: Scope;
  product?: string | undefined;
}

const fieldsOf = (...names: string[]) => ({ _id: 0, ...Object.fromEntries(names.map((name) => [name, 1])) });
const times = ['enteredAt', 'endedAt', 'liveAt', 'closedAt', 'wall', 'business'];
const pastFields = fieldsOf('product', 'status', 'cancelled', ...times);
const roundFields = fieldsOf(
  'product',
  'stage',
  'order',
  'endedAt',
  'outcome',
  'wall',
  'spent',
  'breached',
  'ours',
  'excepted',
);

export function spanSearch({ documents }: Pick<SpanStore, 'documents'>) {
  const find = <T extends object>(criteria: Filter<Span>, projection?: object): Promise<T[]> =>
    documents.find<T>(criteria, { maxTimeMS: 2_000, batchSize: 5_000, projection }).toArray();

  return {
    /** The orders that were under way at some time of the period, and those that were closed in it after going live. */
    async orders(sought: Sought, period: Period): Promise<OrderPast[]> {
      const parts = ordersQuestions(sought, period).map((criteria) => find<OrderPast>(criteria, pastFields));
      return (await Promise.all(parts)).flat();
    },

    /** The rounds that ended in the period. */
    rounds: (sought: Sought, period: Period) => find<Round>(roundsQuestion(sought, period), roundFields),

    /** The open rounds that are over their budget at `now`, or seem so. */
    overdue: (sought: Sought, now: Date) => find<StageSpan>(overdueQuestion(sought, now)),
  };
}

const about = (of: 'order' | 'stage', { scope, product }: Sought) => ({
  ...within(scope),
  of,
  cleared: false,
  product,
});

/** No order answers to two of them. */
export function ordersQuestions(sought: Sought, { from, to }: Period): Filter<Span>[] {
  const orders = about('order', sought);
  return [
    { ...orders, endedAt: null, enteredAt: { $lt: to } },
    { ...orders, endedAt: { $gte: from }, enteredAt: { $lt: to } },
    { ...orders, closedAt: { $gte: from, $lt: to }, endedAt: { $lt: from } },
  ];
}

export const roundsQuestion = (sought: Sought, { from, to }: Period): Filter<Span> => ({
  ...about('stage', sought),
  endedAt: { $gte: from, $lt: to },
});

export const overdueQuestion = (sought: Sought, now: Date): Filter<Span> => ({
  ...about('stage', sought),
  endedAt: null,
  $or: [{ breached: true }, { dueAt: { $lte: now } }],
});

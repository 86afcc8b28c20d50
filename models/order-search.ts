/** The list of orders, for people and programs: always inside the caller's scope, always sorted by an index. */
import type { OrderState } from '../workflows/state.ts';
import type { Order, OrderStore } from './order.ts';
import { type Scope, within } from './scope.ts';

export interface OrderFilter {
  account?: string | undefined;
  product?: string | undefined;
  status?: string | undefined;
  onboarding?: string | undefined;
  stage?: string | undefined;
  holder?: string | undefined;
  createdFrom?: Date | undefined;
  createdBefore?: Date | undefined;
  inactiveSince?: Date | undefined;
  /** Words that each begin a word of the title, the client or the id. */
  words?: string[] | undefined;
}

export const sortFields = {
  created_at: 'state.createdAt',
  last_activity: 'state.lastActivityAt',
  title: 'state.title',
  status: 'state.status',
} as const;

export type SortBy = keyof typeof sortFields;

export interface Listing {
  filter: OrderFilter;
  sortBy: SortBy;
  descending: boolean;
  limit: number;
  skip?: number;
  /** The last order of the page before. */
  after?: Position | undefined;
}

/** Where an order stands in a sorted list. */
export interface Position {
  value: string | Date;
  id: string;
}

/** What `words` are matched with: lower-case, stored beside the state, indexed. */
export function searchWordsOf(id: string, { title, client }: Pick<OrderState, 'title' | 'client'>): string[] {
  const words = [title, client.name, client.email].flatMap((text) => [text, ...text.split(/[\s@,.;:()/-]+/)]);
  return [...new Set([id, ...words].map((word) => word.trim().toLowerCase().slice(0, 120)))].filter(Boolean);
}

export function positionOf({ _id, state }: Order, sortBy: SortBy): Position {
  const values = {
    created_at: state.createdAt,
    last_activity: state.lastActivityAt,
    title: state.title,
    status: state.status,
  };
  return { value: values[sortBy], id: _id };
}

export type OrderSearch = ReturnType<typeof orderSearch>;

export function orderSearch({ model }: Pick<OrderStore, 'model'>) {
  const orders = model.collection;
  const options = { maxTimeMS: 2_000 };

  return {
    async list(scope: Scope, { filter, sortBy, descending, limit, skip = 0, after }: Listing): Promise<Order[]> {
      const field = sortFields[sortBy];
      const direction = descending ? -1 : 1;
      const criteria = after
        ? { $and: [criteriaOf(scope, filter), beyond(field, direction, after)] }
        : criteriaOf(scope, filter);
      const found = orders.find(criteria as never, options).sort({ [field]: direction, _id: direction });
      return (await found.skip(skip).limit(limit).toArray()) as unknown as Order[];
    },

    count: (scope: Scope, filter: OrderFilter) => orders.countDocuments(criteriaOf(scope, filter) as never, options),

    /** These orders, as far as they are in the scope. */
    many: (scope: Scope, ids: string[]) =>
      orders.find({ ...within(scope), _id: { $in: ids } } as never, options).toArray() as unknown as Promise<Order[]>,
  };
}

function criteriaOf(scope: Scope, filter: OrderFilter): Record<string, unknown> {
  const { account, product, status, onboarding, stage, holder, inactiveSince, words = [] } = filter;
  const equal = {
    ...{ 'state.product': product, 'state.status': status, 'state.onboarding': onboarding },
    ...{ 'state.stage': stage, 'state.holder': holder },
  };
  const given = Object.entries(equal).filter(([, value]) => value !== undefined);
  const conditions: Record<string, unknown>[] = [
    { ...within(scope), ...Object.fromEntries(given), 'state.clearedAt': { $exists: false } },
    ...(account !== undefined ? [{ account }] : []),
    ...(inactiveSince ? [{ 'state.lastActivityAt': { $lte: inactiveSince } }] : []),
    ...created(filter),
    ...words.map((word) => ({ search: { $regex: `^${escaped(word)}` } })),
  ];
  return { $and: conditions };
}

function created({ createdFrom, createdBefore }: OrderFilter): Record<string, unknown>[] {
  const range = { ...(createdFrom && { $gte: createdFrom }), ...(createdBefore && { $lt: createdBefore }) };
  return Object.keys(range).length > 0 ? [{ 'state.createdAt': range }] : [];
}

function beyond(field: string, direction: 1 | -1, { value, id }: Position): Record<string, unknown> {
  const past = direction === 1 ? '$gt' : '$lt';
  return { $or: [{ [field]: { [past]: value } }, { [field]: value, _id: { [past]: id } }] };
}

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

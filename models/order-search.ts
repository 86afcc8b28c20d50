/**
 * The list of orders, for people and programs, always inside the caller's scope. For every sort there is an index in that
 * order, within an agency and across all. A filter may be better served by an index of its own, and what that finds is
 * sorted then: MongoDB chooses. A filter that has none (stage, holder, days of silence) is matched along the sort's index
 * until the page is full. Either way, and for counts, MongoDB gives up after two seconds, which is answered by 503.
 */
import type { OrderState } from '../workflows/words/state.ts';
import type { Order, OrderStore } from './order.ts';
import { type Scope, within } from './scope.ts';

export interface OrderFilter {
  account?: string | undefined;
  product?: string | undefined;
  status?: string | undefined;
  onboarding?: string | undefined;
  stage?: string | undefined;
  holder?: string | undefined;
  manager?: string | undefined;
  assignee?: string | undefined;
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
    async list(scope: Scope, { limit, skip = 0, ...listing }: Listing): Promise<Order[]> {
      const { criteria, sort } = questionOf(scope, listing);
      const found = orders.find(criteria as never, options).sort(sort);
      return (await found.skip(skip).limit(limit).toArray()) as unknown as Order[];
    },

    count: (scope: Scope, filter: OrderFilter) => orders.countDocuments(criteriaOf(scope, filter) as never, options),

    /** How many match, however many: asked in batches, so that no question is a long one, and nobody else waits. */
    async countAll(scope: Scope, filter: OrderFilter): Promise<number> {
      const ids = orders.find(criteriaOf(scope, filter) as never, { projection: { _id: 1 } }).batchSize(1_000);
      let count = 0;
      for await (const _ of ids) count += 1;
      return count;
    },

    /** All that match, by id, from after one on: for whoever goes through them page by page. */
    async walk(
      scope: Scope,
      filter: OrderFilter,
      { after, limit }: { after: string; limit: number },
    ): Promise<Order[]> {
      const criteria = { $and: [criteriaOf(scope, filter), { _id: { $gt: after } }] };
      const hint = scope.agency === undefined ? { _id: 1 } : { agency: 1, _id: 1 };
      const found = orders.find(criteria as never, { hint, projection: lean } as never).sort({ _id: 1 });
      return (await found.limit(limit).toArray()) as unknown as Order[];
    },

    /** These orders without their history, as far as they are in the scope. */
    some: (scope: Scope, ids: readonly string[]) =>
      orders
        .find({ ...within(scope), _id: { $in: ids } } as never, { projection: lean })
        .toArray() as unknown as Promise<Order[]>,

    /** These orders, as far as they are in the scope. */
    many: (scope: Scope, ids: string[]) =>
      orders.find({ ...within(scope), _id: { $in: ids } } as never, options).toArray() as unknown as Promise<Order[]>,
  };
}

const lean = { history: 0, search: 0 };

/** What MongoDB is asked for a list, apart from how many. */
export function questionOf(scope: Scope, { filter, sortBy, descending, after }: Omit<Listing, 'limit' | 'skip'>) {
  const field = sortFields[sortBy];
  const direction: 1 | -1 = descending ? -1 : 1;
  const all = criteriaOf(scope, filter);
  const criteria = after ? { $and: [all, ...beyond(field, direction, after)] } : all;
  return { criteria, sort: { [field]: direction, _id: direction } };
}

function criteriaOf(scope: Scope, filter: OrderFilter): Record<string, unknown> {
  const { account, product, status, onboarding, stage, holder, manager, assignee, inactiveSince, words = [] } = filter;
  const equal = {
    ...{ 'state.product': product, 'state.status': status, 'state.onboarding': onboarding },
    ...{ 'state.stage': stage, 'state.holder': holder },
    ...{ 'state.manager': manager, 'state.assignees': assignee },
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

/** The first says the same as the second, less exactly: it is where the walk along the index begins. */
function beyond(field: string, direction: 1 | -1, { value, id }: Position): Record<string, unknown>[] {
  const past = direction === 1 ? '$gt' : '$lt';
  return [
    { [field]: { [`${past}e`]: value } },
    { $or: [{ [field]: { [past]: value } }, { [field]: value, _id: { [past]: id } }] },
  ];
}

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

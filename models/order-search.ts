/**
 * The list of orders, for people and programs, always inside the caller's scope. For every sort there is an index in that
 * order, within an agency and across all. A filter may be better served by an index of its own, and what that finds is
 * sorted then: MongoDB chooses. A filter that has none (stage, holder, days of silence) is matched along the sort's index
 * until the page is full. Either way, and for counts, MongoDB gives up after two seconds, which is answered by 503.
 */

import type { Account, AccountStore } from './account.ts';
import { type Alert, type alertStore, notOver } from './alert.ts';
import { beginning } from './beginning.ts';
import type { Filter } from './collection.ts';
import type { Dispatch, dispatchStore } from './dispatch.ts';
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
  /** Folded; each begins a word of the order's, of its account's name, or a vendor's reference. */
  words?: string[] | undefined;
  products?: string[] | undefined;
  statuses?: string[] | undefined;
  tag?: string | undefined;
  priority?: string | undefined;
  source?: string | undefined;
  tier?: string | undefined;
  reference?: string | undefined;
  /** When the budget of the open stage is used up. */
  dueFrom?: Date | undefined;
  dueBefore?: Date | undefined;
  closedFrom?: Date | undefined;
  hasAlert?: boolean | undefined;
}

export const sortFields = {
  created_at: 'state.createdAt',
  last_activity: 'state.lastActivityAt',
  title: 'sortTitle',
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

export function positionOf({ _id, state, sortTitle = '' }: Order, sortBy: SortBy): Position {
  const values = {
    created_at: state.createdAt,
    last_activity: state.lastActivityAt,
    title: sortTitle,
    status: state.status,
  };
  return { value: values[sortBy], id: _id };
}

interface Stores {
  orders: Pick<OrderStore, 'documents'>;
  accounts: Pick<AccountStore, 'documents'>;
  dispatches: Pick<ReturnType<typeof dispatchStore>, 'documents'>;
  alerts: Pick<ReturnType<typeof alertStore>, 'documents'>;
}

/** What of a filter is known elsewhere than in the orders: for each word, and who has an open alert. */
interface Elsewhere {
  words: { accounts: string[]; orders: string[] }[];
  alerted?: string[] | undefined;
}

const options = { maxTimeMS: 2_000 };
const nowhere: Elsewhere = { words: [] };
/** More accounts of one beginning, or references of one, are not looked through: the words say too little. */
const mostElsewhere = 1_000;

export function orderSearch({ orders: { documents: orders }, accounts, dispatches, alerts }: Stores) {
  const lookElsewhere = elsewhere({ accounts, dispatches, alerts });
  const criteriaFor = async (scope: Scope, filter: OrderFilter) =>
    criteriaOf(scope, filter, await lookElsewhere(scope, filter));

  return {
    async list(scope: Scope, { limit, skip = 0, ...listing }: Listing): Promise<Order[]> {
      const { criteria, sort } = questionOf(scope, listing, await lookElsewhere(scope, listing.filter));
      return orders.find<Order>(criteria, options).sort(sort).skip(skip).limit(limit).toArray();
    },

    count: async (scope: Scope, filter: OrderFilter) =>
      orders.countDocuments(await criteriaFor(scope, filter), options),

    /** How many match, however many: asked in batches, so that no question is a long one, and nobody else waits. */
    async countAll(scope: Scope, filter: OrderFilter): Promise<number> {
      const criteria = await criteriaFor(scope, filter);
      const ids = orders.find(criteria, { projection: { _id: 1 } }).batchSize(1_000);
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
      const criteria: Filter<Order> = { $and: [await criteriaFor(scope, filter), { _id: { $gt: after } }] };
      const hint: Record<string, 1> = scope.agency === undefined ? { _id: 1 } : { agency: 1, _id: 1 };
      return orders.find<Order>(criteria, { hint, projection: lean }).sort({ _id: 1 }).limit(limit).toArray();
    },

    /** These orders without their history, as far as they are in the scope. */
    some: (scope: Scope, ids: readonly string[]) =>
      orders.find<Order>({ ...within(scope), _id: { $in: ids } }, { projection: lean }).toArray(),

    /** These orders, as far as they are in the scope. */
    many: (scope: Scope, ids: string[]) =>
      orders.find<Order>({ ...within(scope), _id: { $in: ids } }, options).toArray(),
  };
}

/** Looks through the accounts, the vendors' references and the alerts. */
function elsewhere({ accounts, dispatches, alerts }: Omit<Stores, 'orders'>) {
  const few = { ...options, limit: mostElsewhere };
  const accountsWith = async (criteria: Filter<Account>): Promise<string[]> =>
    (await accounts.documents.find(criteria, { ...few, projection: { _id: 1 } }).toArray()).map(({ _id }) => _id);
  const dispatchedWith = async (criteria: Filter<Dispatch>): Promise<string[]> =>
    (await dispatches.documents.find(criteria, { ...few, projection: { order: 1 } }).toArray()).map(
      ({ order }) => order,
    );
  // All of them: a list without the rest would be wrong, with alerts and without.
  const alertedWith = async (criteria: Filter<Alert>): Promise<string[]> =>
    (await alerts.documents.distinct('order', criteria, options)).filter((order) => order !== undefined);

  return async (scope: Scope, { words = [], hasAlert }: OrderFilter): Promise<Elsewhere> => {
    const found = words.map(async (word) => {
      const begins = beginning(word);
      const { agency, accounts: own } = scope;
      const [ofAccount, orderIds] = await Promise.all([
        accountsWith({ agency, _id: own && { $in: own }, search: begins }),
        dispatchedWith({ ...within(scope), referenceKey: begins }),
      ]);
      return { accounts: ofAccount, orders: orderIds };
    });
    const isOpen: Filter<Alert> = { state: { $in: notOver }, count: { $gt: 0 }, order: { $exists: true } };
    const alerted = hasAlert === undefined ? undefined : await alertedWith({ ...within(scope), ...isOpen });
    return { words: await Promise.all(found), alerted };
  };
}

const lean = { history: 0, search: 0 };

/** What MongoDB is asked for a list, apart from how many. */
export function questionOf(
  scope: Scope,
  { filter, sortBy, descending, after }: Omit<Listing, 'limit' | 'skip'>,
  elsewhere: Elsewhere = nowhere,
) {
  const field = sortFields[sortBy];
  const direction: 1 | -1 = descending ? -1 : 1;
  const all = criteriaOf(scope, filter, elsewhere);
  const criteria = after ? { $and: [all, ...beyond(field, direction, after)] } : all;
  return { criteria, sort: { [field]: direction, _id: direction } };
}

function criteriaOf(scope: Scope, filter: OrderFilter, elsewhere: Elsewhere): Filter<Order> {
  const { account, products, statuses, inactiveSince, words = [], hasAlert } = filter;
  const conditions: Filter<Order>[] = [
    { ...within(scope), ...equal(filter), 'state.clearedAt': { $exists: false } },
    ...(account !== undefined ? [{ account }] : []),
    ...(products ? [{ 'state.product': { $in: products } }] : []),
    ...(statuses ? [{ 'state.status': { $in: statuses } }] : []),
    ...(inactiveSince ? [inactive(inactiveSince)] : []),
    ...between('state.createdAt', filter.createdFrom, filter.createdBefore),
    ...between('state.slaDueAt', filter.dueFrom, filter.dueBefore),
    ...between('state.closedAt', filter.closedFrom, undefined),
    ...(hasAlert === undefined ? [] : [{ _id: { [hasAlert ? '$in' : '$nin']: elsewhere.alerted ?? [] } }]),
    ...words.map((word, index) => hit(word, elsewhere.words[index])),
  ];
  return { $and: conditions };
}

function equal(filter: OrderFilter): Filter<Order> {
  const { product, status, onboarding, stage, holder, manager, assignee, tag, priority, source, tier, reference } =
    filter;
  return {
    'state.product': product,
    'state.status': status,
    'state.onboarding': onboarding,
    'state.stage': stage,
    'state.holder': holder,
    'state.manager': manager,
    'state.assignees': assignee,
    'state.tags': tag,
    'state.source': source,
    'state.tier': tier,
    'state.reference': reference,
    // Stored only where it is another than normal.
    'state.priority': priority === 'normal' ? { $in: [null, 'normal'] } : priority,
  };
}

/** Nothing is expected to happen on an order that is live or closed. */
const inactive = (since: Date): Filter<Order> => ({
  'state.lastActivityAt': { $lte: since },
  'state.status': { $nin: ['live', 'completed', 'cancelled'] },
});

function hit(word: string, elsewhere?: Elsewhere['words'][number]): Filter<Order> {
  const here = { search: beginning(word) };
  const there = [
    ...(elsewhere?.accounts.length ? [{ account: { $in: elsewhere.accounts } }] : []),
    ...(elsewhere?.orders.length ? [{ _id: { $in: elsewhere.orders } }] : []),
  ];
  return there.length > 0 ? { $or: [here, ...there] } : here;
}

function between(field: string, from: Date | undefined, before: Date | undefined): Filter<Order>[] {
  return from || before ? [{ [field]: { $gte: from, $lt: before } }] : [];
}

/** The first says the same as the second, less exactly: it is where the walk along the index begins. */
function beyond(field: string, direction: 1 | -1, { value, id }: Position): Filter<Order>[] {
  const past = direction === 1 ? '$gt' : '$lt';
  return [
    { [field]: { [`${past}e`]: value } },
    { $or: [{ [field]: { [past]: value } }, { [field]: value, _id: { [past]: id } }] },
  ];
}

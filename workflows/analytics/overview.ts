/**
 * How orders fare: how many were created, went live, were cancelled and were still under way at the end of a period, how
 * long those that went live took, and in whose hands that time passed.
 */
import type { OrderStatus } from '../words/state.ts';
import { type Spread, share, spreadOf } from './figures.ts';
import { isWithin, type Period } from './period.ts';
import { type OrderSpan, type Party, parties } from './span.ts';

/** What is looked at of an order. */
export type OrderPast = Pick<
  OrderSpan,
  'product' | 'enteredAt' | 'endedAt' | 'liveAt' | 'closedAt' | 'cancelled' | 'status' | 'wall' | 'business'
>;

export interface Overview {
  created: number;
  /** Went live for the first time. */
  live: number;
  cancelled: number;
  /** At the end of the period: created, neither live nor closed yet. */
  open: number;
  /** Orders created in the period, by their current status. */
  statuses: Record<OrderStatus, number>;
  /** From creation to going live, of those that went live; by the clock on the wall. */
  timeToLive: Spread;
  /** Who held the ball during that time. */
  holders: Record<Party, { wall: number; business: number; share: number | null }>;
}

const statuses: readonly OrderStatus[] = ['created', 'onboarding', 'setup', 'live', 'paused', 'completed', 'cancelled'];

export function overviewOf(orders: readonly OrderPast[], period: Period): Overview {
  const created = orders.filter(({ enteredAt }) => isWithin(period, enteredAt));
  const live = orders.filter(({ liveAt }) => isWithin(period, liveAt));
  const count = (status: OrderStatus) => created.filter((order) => order.status === status).length;
  return {
    created: created.length,
    live: live.length,
    cancelled: orders.filter(({ cancelled, closedAt }) => cancelled && isWithin(period, closedAt)).length,
    open: orders.filter((order) => isOpenAt(order, period.to)).length,
    statuses: Object.fromEntries(statuses.map((status) => [status, count(status)])) as Overview['statuses'],
    timeToLive: spreadOf(
      live.flatMap(({ enteredAt, liveAt }) => (liveAt ? [liveAt.getTime() - enteredAt.getTime()] : [])),
    ),
    holders: holdersOf(live),
  };
}

const isOpenAt = ({ enteredAt, endedAt }: OrderPast, at: Date): boolean =>
  enteredAt < at && (endedAt === null || endedAt >= at);

function holdersOf(live: readonly OrderPast[]): Overview['holders'] {
  const sum = (times: 'wall' | 'business', party: Party) =>
    live.reduce((all, order) => all + (order[times][party] ?? 0), 0);
  const whole = parties.reduce((all, party) => all + sum('wall', party), 0);
  const held = parties.map((party) => {
    const wall = sum('wall', party);
    return [party, { wall, business: sum('business', party), share: share(wall, whole) }];
  });
  return Object.fromEntries(held) as Overview['holders'];
}

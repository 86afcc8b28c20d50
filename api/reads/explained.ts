/** Why orders are where they are: one answer in lists, pages and progress, with what each account knows of its accesses. */
import type { Order } from '../../models/order.ts';
import { type Explanation, explain } from '../../workflows/telling/explain.ts';
import type { Dependencies } from '../context.ts';

type Ports = Pick<Dependencies, 'models' | 'business'>;

/** Each order with its answer; the accounts are asked for together, in one query. */
export async function explained(
  orders: readonly Order[],
  { models, business }: Ports,
): Promise<{ order: Order; why: Explanation }[]> {
  const ids = [...new Set(orders.map(({ account }) => account))];
  const found = await Promise.all(ids.map((id) => models.accounts.get(id)));
  const accounts = new Map(ids.map((id, index) => [id, found[index] ?? undefined]));
  const whyOf = ({ account, state }: Order) => explain(state, business.now(), accounts.get(account));
  return orders.map((order) => ({ order, why: whyOf(order) }));
}

export async function explainedOne(order: Order, ports: Ports): Promise<Explanation> {
  const account = await ports.models.accounts.get(order.account);
  return explain(order.state, ports.business.now(), account ?? undefined);
}

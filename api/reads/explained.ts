/**
 * Why orders are where they are: one answer in lists, pages and progress, with what each account knows of its accesses, in
 * the words of whoever reads it.
 */
import type { Order } from '../../models/order.ts';
import { type Explanation, explain, type Reader } from '../../workflows/telling/explain.ts';
import type { Dependencies } from '../context.ts';

type Ports = Pick<Dependencies, 'models' | 'business'>;

/** Each order with its answer for staff, and what its account is called; the accounts are asked for together, in one query. */
export async function explained(
  orders: readonly Order[],
  { models, business }: Ports,
): Promise<{ order: Order; why: Explanation; accountName: string | undefined }[]> {
  const ids = [...new Set(orders.map(({ account }) => account))];
  const found = await Promise.all(ids.map((id) => models.accounts.get(id)));
  const accounts = new Map(ids.map((id, index) => [id, found[index] ?? undefined]));
  const whyOf = ({ account, state }: Order) =>
    explain(state, business.now(), { ...grantsOf(accounts.get(account)), reader: 'staff' });
  return orders.map((order) => ({ order, why: whyOf(order), accountName: accounts.get(order.account)?.name }));
}

/** One order as `explained`, for any reader. */
export async function explainedOrder(
  order: Order,
  reader: Reader,
  { models, business }: Ports,
): Promise<{ why: Explanation; accountName: string | undefined }> {
  const account = await models.accounts.get(order.account);
  return { why: explain(order.state, business.now(), { ...grantsOf(account), reader }), accountName: account?.name };
}

export const explainedOne = async (order: Order, reader: Reader, ports: Ports): Promise<Explanation> =>
  (await explainedOrder(order, reader, ports)).why;

const grantsOf = (account: Awaited<ReturnType<Ports['models']['accounts']['get']>> | undefined) =>
  account ? { grants: account.grants } : {};

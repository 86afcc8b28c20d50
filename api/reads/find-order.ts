/** The order or account that a route is about, inside the caller's scope; a foreign one is not found, as if it never was. */
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../kernel/errors.ts';
import type { Account } from '../../models/account.ts';
import type { Order } from '../../models/order.ts';
import type { Scope } from '../../models/scope.ts';
import type { Dependencies } from '../context.ts';
import { callerIn } from '../http/auth.ts';

export async function findOrder(request: FastifyRequest, id: string, { models }: Dependencies): Promise<Order> {
  const order = await models.lookups.order(callerIn(request).scope, id);
  if (!order) throw new Refusal('order_not_found', 'Order not found.');
  return order;
}

export async function findAccount(scope: Scope, id: string, { models }: Dependencies): Promise<Account> {
  const account = await models.lookups.account(scope, id);
  if (account) return account;
  throw new Refusal('account_not_found', 'Account not found.', [
    { pointer: '/account', rule: 'unknown_account', message: 'Use the id of one of your accounts.' },
  ]);
}

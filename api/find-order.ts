/** The order that a route is about, inside the caller's scope; a foreign one is not found, as one that never was. */
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../kernel/errors.ts';
import type { Order } from '../models/order.ts';
import { callerIn } from './auth.ts';
import type { Dependencies } from './context.ts';

export async function findOrder(request: FastifyRequest, id: string, { models }: Dependencies): Promise<Order> {
  const order = await models.lookups.order(callerIn(request).scope, id);
  if (!order) throw new Refusal('order_not_found', 'There is no such order.');
  return order;
}

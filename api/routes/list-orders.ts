/** GET /v1/admin/orders: a page of the orders in the caller's scope, newest first. */
import { z } from 'zod';
import { callerIn } from '../auth.ts';
import type { Route } from '../context.ts';
import { may } from '../policy.ts';
import { order, viewOfOrder } from '../schemas/order.ts';

const query = z.strictObject({
  product: z.string().max(64).optional(),
  status: z.string().max(64).optional(),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const listOrders: Route = (api, { models }) =>
  api.route({
    method: 'GET',
    url: '/v1/admin/orders',
    config: may('read', 'order'),
    schema: {
      tags: ['Orders'],
      summary: 'List orders',
      querystring: query,
      response: { 200: z.object({ data: z.array(order) }) },
    },
    async handler(request) {
      const { page, limit, ...filter } = request.query;
      const found = await models.orderSearch.list(callerIn(request).scope, filter, { skip: (page - 1) * limit, limit });
      return { data: found.map(viewOfOrder) };
    },
  });

/** GET /v1/admin/orders: a page of the orders in the caller's scope, filtered, searched and sorted. */

import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { explained } from '../reads/explained.ts';
import { linkNext, listPage, pageOf } from '../reads/order-list.ts';
import { order, viewOfOrder } from '../schemas/order.ts';
import { listQuery } from '../schemas/order-query.ts';

export const listOrders: Route = (api, deps) =>
  api.route({
    method: 'GET',
    url: '/v1/admin/orders',
    config: may('read', 'order'),
    schema: {
      tags: ['Orders'],
      summary: 'List orders',
      querystring: listQuery,
      response: { 200: pageOf(order) },
    },
    async handler(request, reply) {
      const listed = await listPage(callerIn(request).scope, request.query, deps);
      linkNext(reply, request.url, listed);
      const data = (await explained(listed.orders, deps)).map((one) =>
        viewOfOrder(one.order, one.why, one.accountName),
      );
      return { data, page: listed.page };
    },
  });

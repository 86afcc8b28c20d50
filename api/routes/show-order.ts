/** GET /v1/admin/orders/:id: one order; its ETag is what If-Match takes. */
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { explainedOrder } from '../reads/explained.ts';
import { findOrder } from '../reads/find-order.ts';
import { etagOf, order, viewOfOrder } from '../schemas/order.ts';
import { orderPath } from '../schemas/wire.ts';

export const showOrder: Route = (api, deps) =>
  api.route({
    method: 'GET',
    url: '/v1/admin/orders/:id',
    config: may('read', 'order'),
    schema: { tags: ['Orders'], summary: 'Show an order', params: orderPath, response: { 200: order } },
    async handler(request, reply) {
      const found = await findOrder(request, request.params.id, deps);
      const { why, accountName } = await explainedOrder(found, 'staff', deps);
      return reply.header('etag', etagOf(found)).send(viewOfOrder(found, why, accountName));
    },
  });

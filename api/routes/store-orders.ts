/**
 * The store's side: what an account may see of its orders. GET /v1/store/orders lists whatever the key may see,
 * /my-orders only what belongs to the accounts that the key names.
 */
import { Refusal } from '../../kernel/errors.ts';
import type { Scope } from '../../models/scope.ts';
import type { Route } from '../context.ts';
import { type Caller, callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { explainedOne } from '../reads/explained.ts';
import { findOrder } from '../reads/find-order.ts';
import { linkNext, listPage, pageOf } from '../reads/order-list.ts';
import { listQuery } from '../schemas/order-query.ts';
import { storeOrder, storeStatus, viewOfStatus, viewOfStoreOrder } from '../schemas/store.ts';
import { orderPath } from '../schemas/wire.ts';

export const storeOrders: Route = (api, deps) => {
  const list = { querystring: listQuery, response: { 200: pageOf(storeOrder) } };
  const lists: [string, string, (caller: Caller) => Scope][] = [
    ['/v1/store/orders', 'List orders', ({ scope }) => scope],
    ['/v1/store/orders/my-orders', "List the orders of the key's accounts", (caller) => ownScope(caller)],
  ];
  for (const [url, summary, scopeOf] of lists) {
    api.route({
      method: 'GET',
      url,
      config: may('read', 'store'),
      schema: { tags: ['Store'], summary, ...list },
      async handler(request, reply) {
        const listed = await listPage(scopeOf(callerIn(request)), request.query, deps);
        linkNext(reply, request.url, listed);
        return { data: listed.orders.map(viewOfStoreOrder), page: listed.page };
      },
    });
  }
  api.route({
    method: 'GET',
    url: '/v1/store/orders/:id',
    config: may('read', 'store'),
    schema: { tags: ['Store'], summary: 'Show an order', params: orderPath, response: { 200: storeOrder } },
    handler: async (request) => viewOfStoreOrder(await findOrder(request, request.params.id, deps)),
  });
  api.route({
    method: 'GET',
    url: '/v1/store/orders/:id/status',
    config: may('read', 'store'),
    schema: {
      tags: ['Store'],
      summary: "Show an order's status",
      params: orderPath,
      response: { 200: storeStatus },
    },
    async handler(request) {
      const found = await findOrder(request, request.params.id, deps);
      return viewOfStatus(found, await explainedOne(found, 'client', deps));
    },
  });
};

/** The caller's scope, which must name accounts. */
export function ownScope({ scope }: Caller): Scope & { accounts: string[] } {
  const { accounts } = scope;
  if (accounts) return { ...scope, accounts };
  throw new Refusal('forbidden', 'This list is only for keys limited to accounts.');
}

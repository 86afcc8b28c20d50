/** GET /v1/admin/accounts/:id: one account, with the facts its orders go by; its ETag is what If-Match takes. */

import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { findAccount } from '../reads/find-order.ts';
import { account, viewOfAccount } from '../schemas/account.ts';
import { etagOf } from '../schemas/order.ts';
import { accountPath } from '../schemas/wire.ts';

export const showAccount: Route = (api, deps) =>
  api.route({
    method: 'GET',
    url: '/v1/admin/accounts/:id',
    config: may('read', 'account'),
    schema: { tags: ['Accounts'], summary: 'Show an account', params: accountPath, response: { 200: account } },
    async handler(request, reply) {
      const found = await findAccount(callerIn(request).scope, request.params.id, deps);
      return reply.header('etag', etagOf(found)).send(viewOfAccount(found));
    },
  });

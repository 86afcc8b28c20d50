/** DELETE /v1/admin/orders/:id: takes an order out of every list, with a reason. It stays in the database and audit. */
import { z } from 'zod';
import { commandOrder } from '../commands/command-order.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { expectedVersion } from '../http/precondition.ts';
import { findOrder } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { changeHeaders, orderPath, reason } from '../schemas/wire.ts';

export const clearOrder: Route = (api, deps) =>
  api.route({
    method: 'DELETE',
    url: '/v1/admin/orders/:id',
    config: may('delete', 'order'),
    schema: {
      tags: ['Orders'],
      summary: 'Clear an order',
      params: orderPath,
      headers: changeHeaders,
      querystring: z.strictObject({ reason: reason.describe('The reason; it is recorded.') }),
      response: accepting,
    },
    async handler(request, reply) {
      const target = await findOrder(request, request.params.id, deps);
      const commanded = { target, command: { type: 'clear' } as const, reason: request.query.reason };
      return commandOrder({ request, reply }, { ...commanded, expectedVersion: expectedVersion(request) }, deps);
    },
  });

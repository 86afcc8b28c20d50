/** PUT /v1/admin/orders/:id: the title and the client of an order; everything else moves by its workflow. */
import { z } from 'zod';
import { changesSomething, person, reference, updateHint } from '../../workflows/words/commands.ts';
import { commandOrder } from '../commands/command-order.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { expectedVersion } from '../http/precondition.ts';
import { findOrder } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { changeHeaders, orderPath, reason } from '../schemas/wire.ts';

const body = z
  .strictObject({
    title: z.string().trim().min(1, 'Enter a title.').max(300).optional(),
    client: person.optional(),
    reference: reference.optional(),
    reason: reason.optional(),
  })
  .refine(changesSomething, updateHint);

export const updateOrder: Route = (api, deps) =>
  api.route({
    method: 'PUT',
    url: '/v1/admin/orders/:id',
    config: may('update', 'order'),
    schema: {
      tags: ['Orders'],
      summary: 'Change the title, the client or the reference of an order',
      params: orderPath,
      headers: changeHeaders,
      body,
      response: accepting,
    },
    async handler(request, reply) {
      const target = await findOrder(request, request.params.id, deps);
      const { reason: why, ...update } = request.body;
      const command = { type: 'update-order', ...update } as const;
      const expected = expectedVersion(request);
      return commandOrder({ request, reply }, { target, command, reason: why, expectedVersion: expected }, deps);
    },
  });

/** PUT /v1/admin/orders/:id/assignment: who is responsible for an order, as a whole and for single stages. */
import { z } from 'zod';
import { commandOrder } from '../commands/command-order.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { expectedVersion } from '../http/precondition.ts';
import { findOrder } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { changeHeaders, id, orderPath, reason, stageKey } from '../schemas/wire.ts';

const body = z
  .strictObject({
    manager: id.nullable().optional().describe("The order's manager; null removes them; omit to leave unchanged."),
    specialists: z
      .array(z.strictObject({ staff: id, stage: stageKey.optional() }))
      .max(50)
      .optional()
      .describe('The full list, each for the whole order or for one stage; omit to leave unchanged.'),
    reason: reason.optional(),
  })
  .refine(
    ({ manager, specialists }) => manager !== undefined || specialists !== undefined,
    'Send a manager, specialists, or both.',
  );

export const assignOrder: Route = (api, deps) =>
  api.route({
    method: 'PUT',
    url: '/v1/admin/orders/:id/assignment',
    config: may('manage', 'setup'),
    schema: {
      tags: ['Setup'],
      summary: 'Assign an order',
      params: orderPath,
      headers: changeHeaders,
      body,
      response: accepting,
    },
    async handler(request, reply) {
      const target = await findOrder(request, request.params.id, deps);
      const { reason: why, manager, specialists } = request.body;
      const command = {
        type: 'assign' as const,
        ...(manager !== undefined && { manager }),
        ...(specialists && { specialists }),
      };
      const expected = expectedVersion(request);
      return commandOrder({ request, reply }, { target, command, reason: why, expectedVersion: expected }, deps);
    },
  });

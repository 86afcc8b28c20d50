/** PUT /v1/admin/orders/:id/status: pausing, resuming, completing and cancelling an order as a whole. */
import { z } from 'zod';
import { commandOrder } from '../commands/command-order.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { expectedVersion } from '../http/precondition.ts';
import { findOrder } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { changeHeaders, orderPath, reason } from '../schemas/wire.ts';

const commands = { paused: 'pause', active: 'resume', completed: 'complete-order', cancelled: 'cancel' } as const;

const body = z.strictObject({
  status: z
    .enum(['paused', 'active', 'completed', 'cancelled'])
    .describe('`active` resumes a paused order where it was; `completed` completes a live one.'),
  reason: reason.optional().describe('Required to pause and to cancel.'),
});

export const setStatus: Route = (api, deps) =>
  api.route({
    method: 'PUT',
    url: '/v1/admin/orders/:id/status',
    config: may('update', 'order'),
    schema: {
      tags: ['Orders'],
      summary: 'Pause, resume, complete or cancel an order',
      params: orderPath,
      headers: changeHeaders,
      body,
      response: accepting,
    },
    async handler(request, reply) {
      const target = await findOrder(request, request.params.id, deps);
      const { status, reason: why } = request.body;
      const commanded = { target, command: { type: commands[status] }, reason: why };
      return commandOrder({ request, reply }, { ...commanded, expectedVersion: expectedVersion(request) }, deps);
    },
  });

/** PUT /v1/admin/orders/:id/labels and /workflow: what colleagues put on an order, and moving it to another version. */
import { z } from 'zod';
import { labelCommands, migrateOrder } from '../../workflows/words/commands.ts';
import { commandOrder } from '../commands/command-order.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { expectedVersion } from '../http/precondition.ts';
import { findOrder } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { changeHeaders, orderPath, reason } from '../schemas/wire.ts';

const common = { params: orderPath, headers: changeHeaders, response: accepting };

const labels = z.strictObject({ command: z.discriminatedUnion('type', [...labelCommands]), reason: reason.optional() });
const moving = migrateOrder.omit({ type: true }).extend({ reason: reason.optional() });

export const labelOrder: Route = (api, deps) => {
  api.route({
    ...{ method: 'PUT', url: '/v1/admin/orders/:id/labels', config: may('update', 'order') },
    schema: { ...common, tags: ['Orders'], summary: 'Set tags, notes, priority or due date', body: labels },
    async handler(request, reply) {
      const target = await findOrder(request, request.params.id, deps);
      const { command, reason: why } = request.body;
      const expected = expectedVersion(request);
      return commandOrder({ request, reply }, { target, command, reason: why, expectedVersion: expected }, deps);
    },
  });

  api.route({
    ...{ method: 'PUT', url: '/v1/admin/orders/:id/workflow', config: may('manage', 'setup') },
    schema: { ...common, tags: ['Setup'], summary: 'Move an order to another version of its workflow', body: moving },
    async handler(request, reply) {
      const target = await findOrder(request, request.params.id, deps);
      const { reason: why, ...asked } = request.body;
      const command = { type: 'migrate-order' as const, ...asked };
      const expected = expectedVersion(request);
      return commandOrder({ request, reply }, { target, command, reason: why, expectedVersion: expected }, deps);
    },
  });
};

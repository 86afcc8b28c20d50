/** POST /v1/admin/orders/:id/undo: takes back that an order was completed, cancelled or cleared, within a week. */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { closings, lastClosing } from '../../workflows/words/closing.ts';
import { commandOrder } from '../commands/command-order.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { expectedVersion } from '../http/precondition.ts';
import { findOrder } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { changeHeaders, orderPath, reason } from '../schemas/wire.ts';

const body = z.strictObject({
  closing: z
    .enum(closings)
    .optional()
    .describe('What to undo; by default what was done last. It takes the same right as doing it.'),
  reason: reason.describe('The reason; it is recorded.'),
});

export const undoClosing: Route = (api, deps) =>
  api.route({
    method: 'POST',
    url: '/v1/admin/orders/:id/undo',
    config: may('update', 'order'),
    schema: {
      tags: ['Orders'],
      summary: 'Undo the completion, cancellation or clearing of an order',
      description:
        'Possible for seven days, as the undo of a bulk operation is. The order goes on where it was. A client who was ' +
        'told of the cancellation is emailed that the order continues.',
      params: orderPath,
      headers: changeHeaders,
      body,
      response: accepting,
    },
    async handler(request, reply) {
      const target = await findOrder(request, request.params.id, deps);
      const { closing = lastClosing(target.state)?.how, reason: why } = request.body;
      if (!closing) throw new Refusal('order_open', `There is nothing to undo: the order is ${target.state.status}.`);
      const commanded = { target, command: { type: 'undo-closing', closing } as const, reason: why };
      return commandOrder({ request, reply }, { ...commanded, expectedVersion: expectedVersion(request) }, deps);
    },
  });

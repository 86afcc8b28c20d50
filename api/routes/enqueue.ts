/** POST /v1/jobs: any command that staff may give, as data; for services that would rather speak one language. */

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import type { Order } from '../../models/order.ts';
import type { Target } from '../../queues/accept-command.ts';
import { type OrderCommand, orderCommand } from '../../workflows/words/commands.ts';
import { commandOrder } from '../commands/command-order.ts';
import type { Dependencies, Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { dataBody } from '../http/body-limits.ts';
import { may } from '../http/policy.ts';
import { findAccount, findOrder } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { commandHeaders, id, reason } from '../schemas/wire.ts';

const body = z.strictObject({
  account: id.optional().describe('The account to create the order for (`create-order` only).'),
  order: id.optional().describe('The order the command applies to (every other command).'),
  command: orderCommand,
  reason: reason.optional(),
  version: z.int().min(1).optional().describe('The order version this is based on, like If-Match.'),
});

export const enqueue: Route = (api, deps) =>
  api.route({
    method: 'POST',
    url: '/v1/jobs',
    ...dataBody,
    config: may('create', 'job'),
    schema: { tags: ['Jobs'], summary: 'Enqueue a command', headers: commandHeaders, body, response: accepting },
    async handler(request, reply) {
      const { command, reason: why, version } = request.body;
      const target: Target<Order> = await targetOf(request, request.body, deps);
      return commandOrder({ request, reply }, { target, command, reason: why, expectedVersion: version }, deps);
    },
  });

interface Asked {
  account?: string | undefined;
  order?: string | undefined;
  command: OrderCommand;
}

async function targetOf(
  request: FastifyRequest,
  { account, order, command }: Asked,
  deps: Dependencies,
): Promise<Target<Order>> {
  const wanted = command.type === 'create-order' ? 'account' : 'order';
  const given = wanted === 'account' ? account : order;
  if (given === undefined || (account !== undefined && order !== undefined)) {
    throw new Refusal('invalid_request', `"${command.type}" takes the field "${wanted}", and only that.`, [
      { pointer: `/${wanted}`, rule: 'required', message: `Send the id of the ${wanted}, and nothing else.` },
    ]);
  }
  if (wanted === 'order') return findOrder(request, given, deps);
  const { _id, agency } = await findAccount(callerIn(request).scope, given, deps);
  return { agency, account: _id };
}

/** POST /v1/admin/orders: a product sold to an account, to be set up. */
import { z } from 'zod';
import { person, reference } from '../../workflows/words/commands.ts';
import { commandOrder } from '../commands/command-order.ts';
import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { dataBody } from '../http/body-limits.ts';
import { may } from '../http/policy.ts';
import { findAccount } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { commandHeaders, id } from '../schemas/wire.ts';

const body = z.strictObject({
  account: id,
  product: z.string().min(1).max(64),
  tier: z.string().min(1).max(64),
  options: z.record(z.string(), z.unknown()).default({}),
  source: z.enum(['manual', 'store', 'import']).default('manual'),
  title: z.string().trim().min(1, 'Enter a title.').max(300),
  reference: reference.optional(),
  client: person,
});

export const createOrder: Route = (api, deps) =>
  api.route({
    method: 'POST',
    url: '/v1/admin/orders',
    ...dataBody,
    config: may('create', 'order'),
    schema: {
      tags: ['Orders'],
      summary: 'Create an order',
      headers: commandHeaders,
      body,
      response: accepting,
    },
    async handler(request, reply) {
      const { account: accountId, ...ordered } = request.body;
      const account = await findAccount(callerIn(request).scope, accountId, deps);
      const target = { agency: account.agency, account: account._id };
      return commandOrder({ request, reply }, { target, command: { type: 'create-order', ...ordered } }, deps);
    },
  });

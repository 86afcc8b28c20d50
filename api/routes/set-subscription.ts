/** PUT /v1/admin/accounts/:id/subscription: while it is not active, the account's orders and their clocks stand still. */
import { z } from 'zod';
import { subscriptionStatuses } from '../../workflows/accounts/state.ts';
import { commandAccount } from '../commands/command-account.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { acceptingForAccount } from '../schemas/job.ts';
import { accountHeaders, accountPath, reason } from '../schemas/wire.ts';

const body = z.strictObject({
  status: z.enum(subscriptionStatuses),
  reason: reason.optional().describe('Required for `past_due` and `cancelled`.'),
});

export const setSubscription: Route = (api, deps) =>
  api.route({
    method: 'PUT',
    url: '/v1/admin/accounts/:id/subscription',
    config: may('manage', 'account'),
    schema: {
      tags: ['Accounts'],
      summary: 'Set the subscription status of an account',
      params: accountPath,
      headers: accountHeaders,
      body,
      response: acceptingForAccount,
    },
    async handler(request, reply) {
      const { status, reason: why } = request.body;
      const command = { type: 'set-subscription', status } as const;
      return commandAccount({ request, reply }, { account: request.params.id, command, reason: why }, deps);
    },
  });

/** POST /v1/admin/orders/:id/onboarding-link: asks the client for a form, again or somebody else. */
import { z } from 'zod';
import { person, tracking } from '../../workflows/words/commands.ts';
import { commandOrder } from '../commands/command-order.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { findOrder } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { commandHeaders, orderPath, stageKey } from '../schemas/wire.ts';

const body = z.strictObject({
  stage: stageKey.describe('The stage whose form to send.'),
  recipient: person
    .optional()
    .describe("Who receives the link; by default whoever received the last one, and at first the order's client."),
  tracking: tracking.optional().describe('Tracking parameters such as `utm_source`; shown with the form.'),
});

export const issueLink: Route = (api, deps) =>
  api.route({
    method: 'POST',
    url: '/v1/admin/orders/:id/onboarding-link',
    config: may('create', 'onboarding'),
    schema: {
      tags: ['Onboarding'],
      summary: 'Send an onboarding link',
      params: orderPath,
      headers: commandHeaders,
      body,
      response: accepting,
    },
    async handler(request, reply) {
      const target = await findOrder(request, request.params.id, deps);
      return commandOrder({ request, reply }, { target, command: { type: 'issue-link', ...request.body } }, deps);
    },
  });

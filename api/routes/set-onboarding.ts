/** PUT /v1/admin/orders/:id/onboarding: the staff's review of what the client sent in, answer by answer if need be. */

import { z } from 'zod';
import { formMeant } from '../../workflows/gates/form.ts';
import { commandOrder } from '../commands/command-order.ts';
import type { Route } from '../context.ts';
import { dataBody } from '../http/body-limits.ts';
import { may } from '../http/policy.ts';
import { expectedVersion } from '../http/precondition.ts';
import { findOrder } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { changeHeaders, orderPath, reason, stageKey } from '../schemas/wire.ts';

const body = z.strictObject({
  status: z.enum(['approved', 'needs_revision']),
  stage: stageKey.optional().describe('The form; by default the one in review.'),
  fields: z
    .array(z.strictObject({ field: z.string().min(1).max(120), reason }))
    .max(100)
    .optional()
    .describe('The answers to change, each with a reason; only these are asked for again.'),
  reason: reason.optional().describe('Required for `needs_revision` when no fields are named.'),
});

export const setOnboarding: Route = (api, deps) =>
  api.route({
    method: 'PUT',
    url: '/v1/admin/orders/:id/onboarding',
    ...dataBody,
    config: may('update', 'onboarding'),
    schema: {
      tags: ['Onboarding'],
      summary: 'Approve a form or send it back',
      params: orderPath,
      headers: changeHeaders,
      body,
      response: accepting,
    },
    async handler(request, reply) {
      const target = await findOrder(request, request.params.id, deps);
      const { status, fields, reason: why } = request.body;
      const command = {
        type: 'review-form',
        stage: request.body.stage ?? formMeant(target.state, 'in_review'),
        decision: status === 'approved' ? 'approve' : 'revise',
        ...(fields && { fields }),
      } as const;
      const expected = expectedVersion(request);
      return commandOrder({ request, reply }, { target, command, reason: why, expectedVersion: expected }, deps);
    },
  });

/** PUT /v1/admin/orders/:id/stage: everything staff do to one stage, each action one command of the workflow. */
import { z } from 'zod';
import { evidence } from '../../workflows/validators/text.ts';
import { type OrderCommand, person } from '../../workflows/words/commands.ts';
import { commandOrder } from '../commands/command-order.ts';
import type { Route } from '../context.ts';
import { dataBody } from '../http/body-limits.ts';
import { may } from '../http/policy.ts';
import { expectedVersion } from '../http/precondition.ts';
import { findOrder } from '../reads/find-order.ts';
import { accepting } from '../schemas/job.ts';
import { changeHeaders, orderPath, reason, stageKey } from '../schemas/wire.ts';

const data = z.record(z.string(), z.unknown()).default({});
const because = { stage: stageKey, reason };

const body = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('begin'), stage: stageKey, reason: reason.optional() }),
  z.strictObject({ action: z.literal('complete'), stage: stageKey, data, reason: reason.optional() }),
  z.strictObject({
    action: z.literal('review'),
    stage: stageKey,
    decision: z.enum(['approve', 'revise']),
    fields: z
      .array(z.strictObject({ field: z.string().min(1).max(120), reason }))
      .max(100)
      .optional(),
    reason: reason.optional(),
  }),
  z.strictObject({
    action: z.literal('request-approval'),
    stage: stageKey,
    recipient: person
      .optional()
      .describe(
        'Names who approves from now on, in this stage and in later ones. The link that the person before has stops working. In a stage that is not open yet, or while the order is paused, they are asked as soon as it is their turn.',
      ),
    reason: reason.optional(),
  }),
  z.strictObject({ action: z.literal('recheck'), stage: stageKey, reason: reason.optional() }),
  z.strictObject({ action: z.literal('grant-round'), ...because }),
  z.strictObject({ action: z.literal('reschedule'), ...because, days: z.int().min(-60).max(60) }),
  z.strictObject({ action: z.literal('back'), ...because, to: stageKey }),
  z.strictObject({ action: z.literal('skip'), ...because }),
  z.strictObject({ action: z.literal('retry'), stage: stageKey, reason: reason.optional() }),
  z.strictObject({ action: z.literal('restart'), ...because }),
  z.strictObject({ action: z.literal('resolve'), ...because, outcome: z.enum(['done', 'not_done']), data }),
  z.strictObject({
    action: z.literal('review-answer'),
    stage: stageKey,
    decision: z.enum(['accept', 'dismiss']),
    reason: reason.optional(),
  }),
  z.strictObject({
    action: z.literal('request-exception'),
    ...because,
    evidence: evidence.describe('What was seen and where: why the check cannot pass although the work is done.'),
    data: z.record(z.string(), z.unknown()).optional().describe('Only where the system would find the data itself.'),
  }),
  z.strictObject({
    action: z.literal('decide-exception'),
    stage: stageKey,
    decision: z.enum(['grant', 'refuse']).describe('By someone else than who asked for it or did the work.'),
    reason: reason.optional().describe('Required to refuse.'),
  }),
  z.strictObject({ action: z.literal('revoke-exception'), ...because }),
  z.strictObject({
    action: z.literal('override'),
    ...because,
    override: z.enum(['complete', 'reopen', 'skip', 'move']),
  }),
]);

type Body = z.infer<typeof body>;

export const moveStage: Route = (api, deps) =>
  api.route({
    method: 'PUT',
    url: '/v1/admin/orders/:id/stage',
    ...dataBody,
    config: may('update', 'setup'),
    schema: {
      tags: ['Setup'],
      summary:
        'Act on a stage: begin, complete, review, request an approval, check again, send back, retry, restart, resolve, skip, override, review an answer that came late, request, decide or revoke an exception',
      params: orderPath,
      headers: changeHeaders,
      body,
      response: accepting,
    },
    async handler(request, reply) {
      const target = await findOrder(request, request.params.id, deps);
      const { body: asked } = request;
      const commanded = { target, command: commandOf(asked), reason: asked.reason };
      return commandOrder({ request, reply }, { ...commanded, expectedVersion: expectedVersion(request) }, deps);
    },
  });

function commandOf(asked: Body): OrderCommand {
  const { stage } = asked;
  switch (asked.action) {
    case 'begin':
      return { type: 'begin-stage', stage };
    case 'complete':
      return { type: 'complete-stage', stage, data: asked.data };
    case 'review':
      return { type: 'review-form', stage, decision: asked.decision, ...(asked.fields && { fields: asked.fields }) };
    case 'request-approval':
      return { type: 'request-approval', stage, ...(asked.recipient && { recipient: asked.recipient }) };
    case 'recheck':
      return { type: 'recheck-stage', stage };
    case 'grant-round':
      return { type: 'grant-round', stage };
    case 'reschedule':
      return { type: 'reschedule', stage, days: asked.days };
    case 'back':
      return { type: 'send-back', stage, to: asked.to };
    case 'skip':
      return { type: 'skip-stage', stage };
    case 'retry':
      return { type: 'retry-stage', stage };
    case 'restart':
      return { type: 'restart-stage', stage };
    case 'resolve':
      return { type: 'resolve-outcome', stage, outcome: asked.outcome, data: asked.data };
    case 'review-answer':
      return { type: 'review-answer', stage, decision: asked.decision };
    case 'request-exception': {
      const { evidence: seen, data: given } = asked;
      return { type: 'request-exception', stage, evidence: seen, ...(given && { data: given }) };
    }
    case 'decide-exception':
      return { type: 'decide-exception', stage, decision: asked.decision };
    case 'revoke-exception':
      return { type: 'revoke-exception', stage };
    case 'override':
      return { type: 'override-stage', stage, action: asked.override };
  }
}

/** /v1/admin/alerts: what a person must look at. Alerts end with their causes; a person only says that they are at it. */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import type { Alert } from '../../models/alert.ts';
import { acceptUnless, objectionOf } from '../../queues/accept.ts';
import { notifications } from '../../queues/notifications.ts';
import { type DeliveryOutcome, deliveryOutcomes, requireDoubt } from '../../workflows/rules/doubt.ts';
import type { Dependencies, Exchange, Route } from '../context.ts';
import { answerAbout } from '../http/answer.ts';
import { callerIn } from '../http/auth.ts';
import { workOf } from '../http/idempotency.ts';
import { may } from '../http/policy.ts';
import { job } from '../schemas/job.ts';
import { whole } from '../schemas/order-query.ts';
import { commandHeaders, id, iso, isoOrNone, reason, time } from '../schemas/wire.ts';

const standing = z.enum(['open', 'acknowledged', 'resolved']);
const severity = z.enum(['notice', 'warning', 'critical']);

const alert = z
  .object({
    ...{ id: z.string(), kind: z.string(), severity, state: standing, account: z.string() },
    ...{ order: z.string().optional(), stage: z.string().optional() },
    notification: z.string().optional().describe('The email it is about, if any.'),
    staff: z.string().optional().describe('The person it is about, if it is not about an order.'),
    manager: z.string().optional().describe("The order's manager."),
    what: z.string(),
    cure: z.string().describe('What would resolve it.'),
    count: z.int().describe('How many times its cause has recurred.'),
    since: time,
    ...{ acknowledgedBy: z.string().optional(), resolvedAt: time.optional() },
  })
  .meta({ id: 'Alert' });

const query = z.strictObject({
  state: standing.optional().describe('Unresolved alerts, by default.'),
  kind: z
    .string()
    .regex(/^[a-z-]{2,40}$/, 'Use a kind such as `sla`.')
    .optional(),
  ...{ severity: severity.optional(), account: id.optional(), order: id.optional(), manager: id.optional() },
  ...{ page: whole(1, 500).default(1), limit: whole(1, 200).default(50) },
});

const accepted = z.object({ job });

export const alertRoutes: Route = (api, deps) => {
  const { alerts } = deps.models;
  const tags = ['Alerts'];

  api.route({
    ...{ method: 'GET', url: '/v1/admin/alerts', config: may('read', 'setup') },
    schema: {
      ...{ tags, summary: 'List alerts', querystring: query },
      response: { 200: z.object({ data: z.array(alert), page: z.object({ number: z.int(), hasMore: z.boolean() }) }) },
    },
    async handler(request) {
      const { page, limit, ...filter } = request.query;
      const found = await alerts.list(callerIn(request).scope, filter, { skip: (page - 1) * limit, limit: limit + 1 });
      return { data: found.slice(0, limit).map(viewOf), page: { number: page, hasMore: found.length > limit } };
    },
  });

  api.route({
    ...{ method: 'PUT', url: '/v1/admin/alerts/:id', config: may('update', 'setup') },
    schema: {
      ...{ tags, summary: 'Acknowledge an alert', params: z.strictObject({ id }), headers: commandHeaders },
      body: z.strictObject({ state: z.literal('acknowledged'), reason: reason.optional() }),
      response: { 200: accepted, 202: accepted },
    },
    async handler(request, reply) {
      const asked = { id: request.params.id, why: request.body.reason, rule: mustBeOpen };
      return ask({ request, reply }, asked, deps);
    },
  });

  api.route({
    ...{ method: 'PUT', url: '/v1/admin/alerts/:id/delivery', config: may('update', 'setup') },
    schema: {
      ...{
        tags,
        summary: 'Record what happened to an email that was refused or whose delivery is unknown',
        params: z.strictObject({ id }),
      },
      headers: commandHeaders,
      body: z.strictObject({
        outcome: z
          .enum(deliveryOutcomes)
          .describe('`told` means that they were told in another way; `send_again` sends it again as a new email.'),
        reason,
      }),
      response: { 200: accepted, 202: accepted },
    },
    async handler(request, reply) {
      const { outcome, reason: why } = request.body;
      const about = { id: request.params.id, why, rule: requireDoubt };
      return ask({ request, reply }, { ...about, outcome }, deps);
    },
  });
};

interface Asked {
  id: string;
  why: string | undefined;
  /** Absent where a person only says that they are at it. */
  outcome?: DeliveryOutcome;
  /** What the worker will ask of it too. */
  rule: (alert: Alert, id: string) => void;
}

async function ask({ request, reply }: Exchange, { id: alertId, why, outcome, rule }: Asked, deps: Dependencies) {
  const { actor, scope } = callerIn(request);
  const { alerts, work } = deps.models;
  const found = await alerts.find(scope, alertId);
  if (!found) throw new Refusal('alert_not_found', 'Alert not found.');
  const alert = found._id;
  const own = {
    ...{ _id: workOf(request), actor, cause: 'api' as const, agency: found.agency, account: found.account },
    ...{ requestId: request.id, ...(found.order && { order: found.order }), ...(why !== undefined && { reason: why }) },
  };
  const draft = outcome
    ? notifications.draft('answer', { alert, outcome }, own)
    : notifications.draft('acknowledge', { alert }, own);
  const refusal = objectionOf(() => rule(found, alertId));
  const wasApplied = async () => (await alerts.lineOf(found, draft._id)) !== undefined;
  const accepted = await acceptUnless(draft, { refusal, wasApplied }, { ...deps, work });
  return answerAbout({}, { request, reply }, { accepted, deps });
}

function mustBeOpen({ state }: Alert): void {
  if (state === 'resolved') throw new Refusal('alert_resolved', 'The cause of the alert no longer exists.');
  if (state !== 'open') throw new Refusal('nothing_changed', 'It is already acknowledged.');
}

function viewOf(found: Alert): z.infer<typeof alert> {
  const { _id, kind, severity: grade, state, account, order, stage, staff, manager, what, cure, count } = found;
  const { notification } = found;
  return {
    ...{
      id: _id,
      kind,
      severity: grade,
      state,
      account,
      order,
      stage,
      notification,
      staff,
      manager,
      what,
      cure,
      count,
    },
    since: iso(found.since),
    ...(found.acknowledgedBy && { acknowledgedBy: found.acknowledgedBy }),
    resolvedAt: isoOrNone(found.resolvedAt),
  };
}

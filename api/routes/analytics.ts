/**
 * /v1/admin/analytics: how orders, stages and budgets fared in a period, beside the one before if that is asked for. The
 * spans are read here; what they amount to is computed by the pure functions of workflows/analytics.
 */

import type { Scope } from '../../models/scope.ts';
import { type Days, daysBefore, periodOf } from '../../workflows/analytics/period.ts';
import {
  type ReportRequest,
  reportExceptions,
  reportOverview,
  reportSla,
  reportStages,
  wholeOf,
} from '../../workflows/analytics/report.ts';
import { type Overdue, overdueAt } from '../../workflows/analytics/rounds.ts';
import type { Dependencies, Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { exceptionsAnswer, overviewAnswer, slaAnswer, stagesAnswer } from '../schemas/analytics.ts';
import { type AnalyticsQuery, analyticsQuery, daysOf } from '../schemas/analytics-query.ts';
import { iso } from '../schemas/wire.ts';

const worst = 20;

export const analyticsRoutes: Route = (api, deps) => {
  const { spanSearch } = deps.models;
  const config = may('read', 'analytics');
  const asking = { tags: ['Analytics'], querystring: analyticsQuery };

  api.route({
    ...{ method: 'GET', url: '/v1/admin/analytics/overview', config },
    schema: { ...asking, summary: 'Orders overview', response: { 200: overviewAnswer } },
    async handler(request) {
      const asked = await understand(request.query, callerIn(request).scope, deps);
      const orders = await spanSearch.orders(asked, wholeOf(asked));
      return { ...headOf(asked), ...reportOverview(orders, asked) };
    },
  });

  api.route({
    ...{ method: 'GET', url: '/v1/admin/analytics/stages', config },
    schema: { ...asking, summary: 'Stage report', response: { 200: stagesAnswer } },
    async handler(request) {
      const asked = await understand(request.query, callerIn(request).scope, deps);
      const rounds = await spanSearch.rounds(asked, wholeOf(asked));
      return { ...headOf(asked), stages: reportStages(rounds, asked) };
    },
  });

  api.route({
    ...{ method: 'GET', url: '/v1/admin/analytics/sla', config },
    schema: { ...asking, summary: 'SLA report', response: { 200: slaAnswer } },
    async handler(request) {
      const now = deps.business.now();
      const asked = await understand(request.query, callerIn(request).scope, deps);
      const [rounds, open] = await Promise.all([
        spanSearch.rounds(asked, wholeOf(asked)),
        spanSearch.overdue(asked, now),
      ]);
      const overdue = overdueAt(open, now);
      const shown = { breached: overdue.length, worst: overdue.slice(0, worst).map(viewOf) };
      return { ...headOf(asked), ...reportSla(rounds, asked), open: shown };
    },
  });

  api.route({
    ...{ method: 'GET', url: '/v1/admin/analytics/exceptions', config },
    schema: { ...asking, summary: 'Exceptions report', response: { 200: exceptionsAnswer } },
    async handler(request) {
      const asked = await understand(request.query, callerIn(request).scope, deps);
      const rounds = await spanSearch.rounds(asked, wholeOf(asked));
      return { ...headOf(asked), ...reportExceptions(rounds, asked) };
    },
  });
};

interface Understood extends ReportRequest {
  scope: Scope;
  product: string | undefined;
  timeZone: string;
  days: Days;
}

async function understand(
  query: AnalyticsQuery,
  scope: Scope,
  { models, business }: Dependencies,
): Promise<Understood> {
  const { agency } = scope;
  const own = query.time_zone === undefined && agency !== undefined ? await models.agencies.get(agency) : undefined;
  const timeZone = query.time_zone ?? own?.timeZone ?? 'UTC';
  const days = daysOf(query, timeZone, business.now());
  const previous = query.compare && periodOf(daysBefore(days), timeZone);
  return { scope, product: query.product, timeZone, days, period: periodOf(days, timeZone), previous };
}

function headOf({ timeZone, days, period, previous }: Understood) {
  const shown = ({ first, last }: Days, { from, to }: ReportRequest['period']) => ({
    ...{ start_date: first, end_date: last, from: iso(from), to: iso(to) },
  });
  return {
    timeZone,
    period: shown(days, period),
    ...(previous && { previous: shown(daysBefore(days), previous) }),
  };
}

function viewOf({ span, spent, over }: Overdue) {
  const { order, account, product, stage, round, holder, enteredAt, budget } = span;
  return {
    order,
    account,
    product,
    stage,
    round,
    holder: holder ?? 'nobody',
    enteredAt: iso(enteredAt),
    budget,
    spent,
    over,
  };
}

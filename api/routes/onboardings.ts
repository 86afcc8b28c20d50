/** The forms of several orders at once, for staff; and those of an account, for its own people. */
import { z } from 'zod';
import type { Order } from '../../models/order.ts';
import type { Dependencies, Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { listPage } from '../reads/order-list.ts';
import { form, formsOf } from '../schemas/onboarding.ts';
import { listQuery } from '../schemas/order-query.ts';
import { id } from '../schemas/wire.ts';
import { ownScope } from './store-orders.ts';

const batch = z.strictObject({
  orders: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(id).min(1).max(100, 'Send at most 100 ids.'))
    .describe('Order ids, separated by commas. Ids you cannot see are omitted from the response.'),
  answers: z.enum(['true', 'false']).default('false').describe('Whether to include the answers.'),
});

const mine = z.strictObject({
  ...{ page: listQuery.shape.page, limit: listQuery.shape.limit, order: listQuery.shape.order },
  sort_by: z.enum(['status', 'sent_to', 'updated_at']).default('updated_at').describe('Sort order within the page.'),
});

const answer = { 200: z.object({ data: z.array(form) }) };

export const onboardingRoutes: Route = (api, deps) => {
  api.route({
    method: 'GET',
    url: '/v1/admin/onboardings',
    config: may('read', 'onboarding'),
    schema: { tags: ['Onboarding'], summary: 'Show the forms of several orders', querystring: batch, response: answer },
    async handler(request) {
      const { orders, answers } = request.query;
      const found = await deps.models.orderSearch.many(callerIn(request).scope, orders);
      const details = { withAnswers: answers === 'true', links: await linksOf(found, deps) };
      return { data: found.flatMap((order) => formsOf(order, details)) };
    },
  });
  api.route({
    method: 'GET',
    url: '/v1/store/orders/my-forms',
    config: may('read', 'store'),
    schema: { tags: ['Store'], summary: "List the forms of the key's accounts", querystring: mine, response: answer },
    async handler(request) {
      const { sort_by, order, ...paging } = request.query;
      const newest = { sort_by: 'last_activity', order: 'desc' } as const;
      const { orders } = await listPage(ownScope(callerIn(request)), { ...paging, ...newest }, deps);
      const links = await linksOf(orders, deps);
      const key = { status: 'status', sent_to: 'sentTo', updated_at: 'updatedAt' } as const;
      const sorted = orders
        .flatMap((each) => formsOf(each, { links }).map(({ tracking: _, ...shown }) => shown))
        .sort((a, b) => (a[key[sort_by]] ?? '').localeCompare(b[key[sort_by]] ?? ''));
      return { data: order === 'asc' ? sorted : sorted.reverse() };
    },
  });
};

/** The links that the forms of these orders were asked for by, in one query. */
const linksOf = (orders: readonly Order[], { models }: Dependencies) =>
  models.links.many(orders.flatMap(({ state }) => state.stages.flatMap(({ link }) => link ?? [])));

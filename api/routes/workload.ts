/** GET /v1/admin/workload: how many orders in set-up, and how many open stages, everybody has on their hands. */
import { z } from 'zod';
import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';

const carried = z.object({
  ...{ staff: z.string(), name: z.string().optional(), capacity: z.int().optional() },
  orders: z.int().describe('Orders in set-up.'),
  stages: z.int().describe('Stages of these that are open with them.'),
  isOver: z.boolean().describe('Whether that is more than they can carry.'),
});

export const workloadRoute: Route = (api, { models }) =>
  api.route({
    method: 'GET',
    url: '/v1/admin/workload',
    config: may('read', 'setup'),
    schema: {
      tags: ['Setup'],
      summary: 'Show what everybody has on their hands',
      response: { 200: z.object({ data: z.array(carried) }) },
    },
    async handler(request) {
      const loads = await models.workload.list(callerIn(request).scope);
      const people = new Map((await models.staff.many(loads.map(({ staff }) => staff))).map((one) => [one._id, one]));
      const data = loads.map((load) => {
        const { name, capacity } = people.get(load.staff) ?? {};
        return { ...load, name, capacity, isOver: capacity !== undefined && load.orders > capacity };
      });
      return { data };
    },
  });

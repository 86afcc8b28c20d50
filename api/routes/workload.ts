/** GET /v1/admin/workload: how many orders in set-up, and how many open stages, everybody has on their hands. */
import { z } from 'zod';
import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';

const carried = z.object({
  ...{ staff: z.string(), name: z.string().optional(), capacity: z.int().optional() },
  orders: z.int().describe('Orders in setup.'),
  stages: z.int().describe('Open stages of these orders assigned to them.'),
  isOver: z.boolean().describe('Whether this exceeds their capacity.'),
});

export const workloadRoute: Route = (api, { models }) =>
  api.route({
    method: 'GET',
    url: '/v1/admin/workload',
    config: may('read', 'setup'),
    schema: {
      tags: ['Setup'],
      summary: 'Show the workload of each staff member',
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

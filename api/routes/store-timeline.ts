/** GET /v1/store/orders/:id/timeline: what has happened to an order, in sentences. */
import { z } from 'zod';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { findOrder } from '../reads/find-order.ts';
import { timelineOf } from '../reads/timeline.ts';
import { iso, orderPath, time } from '../schemas/wire.ts';

export const storeTimeline: Route = (api, deps) =>
  api.route({
    method: 'GET',
    url: '/v1/store/orders/:id/timeline',
    config: may('read', 'store'),
    schema: {
      tags: ['Store'],
      summary: "Show an order's timeline",
      params: orderPath,
      response: { 200: z.object({ data: z.array(z.object({ at: time, what: z.string() })) }) },
    },
    async handler(request) {
      const moments = await timelineOf(await findOrder(request, request.params.id, deps), deps);
      return { data: moments.map(({ at, what }) => ({ at: iso(at), what })) };
    },
  });

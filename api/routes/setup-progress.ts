/** GET /v1/admin/orders/:id/setup-progress: how far along, why it is where it is, and what has happened. */
import { z } from 'zod';
import { progressOf } from '../../workflows/telling/progress.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { explainedOne } from '../reads/explained.ts';
import { findOrder } from '../reads/find-order.ts';
import { etagOf } from '../schemas/order.ts';
import { progress, viewOfProgress } from '../schemas/progress.ts';
import { orderPath } from '../schemas/wire.ts';

const query = z.strictObject({
  detail: z
    .enum(['summary', 'stages', 'full'])
    .default('stages')
    .describe('`summary` returns numbers, `stages` each stage, `full` also its data and history.'),
});

export const setupProgress: Route = (api, deps) =>
  api.route({
    method: 'GET',
    url: '/v1/admin/orders/:id/setup-progress',
    config: may('read', 'setup'),
    schema: {
      tags: ['Setup'],
      summary: 'Show the setup progress of an order',
      params: orderPath,
      querystring: query,
      response: { 200: progress },
    },
    async handler(request, reply) {
      const { detail } = request.query;
      const found = await findOrder(request, request.params.id, deps);
      const why = await explainedOne(found, 'staff', deps);
      const view = viewOfProgress({ order: found, progress: progressOf(found.state, detail), why, detail });
      return reply.header('etag', etagOf(found)).send(view);
    },
  });

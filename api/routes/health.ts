/**
 * GET /health/live (the process answers) and /health/ready (it can accept: the database answers). Redis is told but does
 * not count: work is accepted without it.
 */
import { z } from 'zod';
import type { Route } from '../context.ts';
import { openToAll } from '../http/policy.ts';

const health = z.object({ status: z.enum(['ok', 'unavailable']), mongo: z.boolean(), redis: z.boolean() });

export const healthRoutes: Route = (api, { models, nudger }) => {
  api.route({
    method: 'GET',
    url: '/health/live',
    config: openToAll,
    schema: { tags: ['Health'], summary: 'Alive', response: { 200: z.object({ status: z.literal('ok') }) } },
    handler: async () => ({ status: 'ok' as const }),
  });
  api.route({
    method: 'GET',
    url: '/health/ready',
    config: openToAll,
    schema: { tags: ['Health'], summary: 'Ready to accept', response: { 200: health, 503: health } },
    async handler(_request, reply) {
      const mongo = await models.lookups.ping();
      return reply.code(mongo ? 200 : 503).send({ status: mongo ? 'ok' : 'unavailable', mongo, redis: nudger.isUp() });
    },
  });
};

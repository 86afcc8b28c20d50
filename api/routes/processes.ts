/** GET /v1/admin/processes: who works, since when, and whether they get on. GET /metrics: what this process has counted. */
import { z } from 'zod';
import { registry } from '../../runtime/metrics.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';
import { iso, isoOrNone, time } from '../schemas/wire.ts';

const processView = z.object({
  ...{ id: z.string(), name: z.string(), queues: z.array(z.string()), pid: z.int() },
  ...{ startedAt: time, at: time, done: z.int(), lastDoneAt: time.optional() },
  silentSeconds: z.int().describe('Seconds since the last heartbeat; one is sent every 5 s.'),
});

/** What is counted here is every agency's. */
const ofTheHouse = { ...may('read', 'queue'), house: true };

export const processRoutes: Route = (api, { models, clock }) => {
  api.route({
    ...{ method: 'GET', url: '/v1/admin/processes', config: ofTheHouse },
    schema: {
      ...{ tags: ['Health'], summary: 'List working processes' },
      response: { 200: z.object({ data: z.array(processView) }) },
    },
    async handler() {
      const now = clock.now().getTime();
      const data = (await models.heartbeats.list()).map(({ _id, at, startedAt, lastDoneAt, expireAt: _, ...rest }) => ({
        ...{ ...rest, id: _id, at: iso(at), startedAt: iso(startedAt), lastDoneAt: isoOrNone(lastDoneAt) },
        silentSeconds: Math.max(0, Math.round((now - at.getTime()) / 1_000)),
      }));
      return { data };
    },
  });

  api.route({
    ...{ method: 'GET', url: '/metrics', config: ofTheHouse },
    schema: { tags: ['Health'], summary: 'Metrics for Prometheus', response: { 200: z.string() } },
    async handler(_request, reply) {
      reply.type(registry.contentType).serializer((text: string) => text);
      return registry.metrics();
    },
  });
};

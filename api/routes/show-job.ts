/** GET /v1/jobs/:id: how something that was accepted is going. */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { secondsToWait } from '../http/prefer.ts';
import { job, viewOfJob } from '../schemas/job.ts';
import { id, waitHeaders } from '../schemas/wire.ts';

export const showJob: Route = (api, { models, waiter }) =>
  api.route({
    method: 'GET',
    url: '/v1/jobs/:id',
    config: may('read', 'job'),
    schema: {
      tags: ['Jobs'],
      summary: 'Show a job, or wait for it',
      params: z.strictObject({ id }),
      headers: waitHeaders,
      response: { 200: job },
    },
    async handler(request, reply) {
      const item = await models.lookups.job(callerIn(request).scope, request.params.id);
      if (!item) throw new Refusal('job_not_found', 'Job not found.');
      const seconds = item.state === 'open' ? secondsToWait(request.headers.prefer) : 0;
      const settled = seconds > 0 ? await waiter.settled(item._id, seconds * 1_000) : undefined;
      if (settled) reply.header('preference-applied', `wait=${seconds}`);
      return viewOfJob(settled ?? item);
    },
  });

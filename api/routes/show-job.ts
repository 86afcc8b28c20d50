/** GET /v1/jobs/:id: how something that was accepted is going. */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { callerIn } from '../auth.ts';
import type { Route } from '../context.ts';
import { may } from '../policy.ts';
import { job, viewOfJob } from '../schemas/job.ts';
import { id } from '../schemas/wire.ts';

export const showJob: Route = (api, { models }) =>
  api.route({
    method: 'GET',
    url: '/v1/jobs/:id',
    config: may('read', 'job'),
    schema: { tags: ['Jobs'], summary: 'Show a job', params: z.strictObject({ id }), response: { 200: job } },
    async handler(request) {
      const item = await models.lookups.job(callerIn(request).scope, request.params.id);
      if (!item) throw new Refusal('job_not_found', 'There is no such job.');
      return viewOfJob(item);
    },
  });

/** GET /admin/jobs/:id: where the queue board's links lead: what a job is about, and the order it belongs to. */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { job, viewOfJob } from '../schemas/job.ts';
import { id } from '../schemas/wire.ts';
import { html } from './html.ts';
import { sendPage } from './page.ts';
import { describe, renderData } from './snapshot.ts';

const schema = describe(job);

export const jobPage: Route = (api, { models }) =>
  api.route({
    method: 'GET',
    url: '/admin/jobs/:id',
    config: { ...may('manage', 'queue'), signIn: true },
    schema: { tags: ['Pages'], hide: true, params: z.strictObject({ id }) },
    async handler(request, reply) {
      const item = await models.lookups.job(callerIn(request).scope, request.params.id);
      if (!item) throw new Refusal('job_not_found', 'Job not found.');
      const order = item.order === undefined ? null : await models.lookups.order(callerIn(request).scope, item.order);
      const { links, ...facts } = viewOfJob(item);
      const content = html`<h1>${facts.kind}</h1>
<p class="lead">${order ? html`Of the order <a href="/admin/orders/${order._id}">${order.state.title}</a> (${order.state.product}, ${order.state.status}).` : 'Not part of an existing order.'}</p>
${renderData({ value: facts, schema })}
<h2>Elsewhere</h2>
<p>By the API: ${links.self}${links.order && html` and ${links.order}`}. <a href="/admin/queues">All queues</a></p>`;
      return sendPage(reply, { title: `Job ${facts.kind}`, agency: { name: 'Orderworks' }, content });
    },
  });

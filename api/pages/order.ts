/**
 * GET /admin/orders/:id: the order that a job page leads to. The same cookie opens both, which `/v1` would not read: it
 * is for browsers and stays below /admin.
 */
import { z } from 'zod';
import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { explainedOrder } from '../reads/explained.ts';
import { findOrder } from '../reads/find-order.ts';
import { order as orderView, viewOfOrder } from '../schemas/order.ts';
import { id } from '../schemas/wire.ts';
import { html } from './html.ts';
import { sendPage } from './page.ts';
import { describe, renderData } from './snapshot.ts';

const schema = describe(orderView);

const newest = 20;

export const orderPage: Route = (api, deps) =>
  api.route({
    method: 'GET',
    url: '/admin/orders/:id',
    config: { ...may('read', 'order'), signIn: true },
    schema: { tags: ['Pages'], hide: true, params: z.strictObject({ id }) },
    async handler(request, reply) {
      const order = await findOrder(request, request.params.id, deps);
      const { why, accountName } = await explainedOrder(order, 'operator', deps);
      const jobs = await deps.models.lookups.jobsOf(callerIn(request).scope, order._id, newest);
      const content = html`<h1>${order.state.title}</h1>
<p class="lead">${order.state.product}, ${order.state.status}</p>
${renderData({ value: viewOfOrder(order, why, accountName), schema })}
<h2>Newest jobs</h2>
<ul>${jobs.map(({ _id, kind, state }) => html`<li><a href="/admin/jobs/${_id}">${kind}</a>: ${state}</li>`)}</ul>
<p><a href="/admin/queues">All queues</a></p>`;
      return sendPage(reply, { title: order.state.title, agency: { name: 'Orderworks' }, content });
    },
  });

/** The delivery log: every email of an order or of an account, the newest first, with what became of it. */
import { z } from 'zod';
import type { Notification } from '../../models/notification.ts';
import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { findAccount, findOrder } from '../reads/find-order.ts';
import { whole } from '../schemas/order-query.ts';
import { accountPath, iso, isoOrNone, orderPath, time } from '../schemas/wire.ts';

const email = z
  .object({
    ...{ id: z.string(), order: z.string(), stage: z.string().optional(), round: z.int().optional() },
    ...{ template: z.string(), to: z.enum(['client', 'manager', 'agency']), subject: z.string().optional() },
    recipient: z
      .object({ name: z.string(), email: z.string() })
      .optional()
      .describe('Absent while it is not known yet.'),
    state: z
      .enum(['queued', 'held', 'sending', 'sent', 'unknown', 'failed', 'bounced', 'superseded'])
      .describe(
        '`sent`: the mail server took it. `failed`: the mail server refused it. `bounced`: it came back later. `queued`: the mail server did not take it yet. `held`: it has to wait, such as for the morning. `superseded`: it was no longer needed.',
      ),
    response: z.string().optional().describe("The mail server's last words, or why the email has not gone out."),
    tries: z.int(),
    ...{ createdAt: time, at: time, sentAt: time.optional() },
  })
  .meta({ id: 'Email' });

const query = z.strictObject({ page: whole(1, 500).default(1), limit: whole(1, 200).default(50) });

const listed = z.object({ data: z.array(email), page: z.object({ number: z.int(), hasMore: z.boolean() }) });

export const listEmails: Route = (api, deps) => {
  const { notifications } = deps.models;
  const schema = { querystring: query, response: { 200: listed } };

  api.route({
    ...{ method: 'GET', url: '/v1/admin/orders/:id/emails', config: may('read', 'setup') },
    schema: { tags: ['Orders'], summary: 'List the emails of an order', params: orderPath, ...schema },
    async handler(request) {
      const { _id: order, account } = await findOrder(request, request.params.id, deps);
      return pageOf(request.query, (part) => notifications.log({ order, account }, part));
    },
  });
  api.route({
    ...{ method: 'GET', url: '/v1/admin/accounts/:id/emails', config: may('read', 'account') },
    schema: { tags: ['Accounts'], summary: 'List the emails of an account', params: accountPath, ...schema },
    async handler(request) {
      const { _id: account } = await findAccount(callerIn(request).scope, request.params.id, deps);
      return pageOf(request.query, (part) => notifications.log({ account }, part));
    },
  });
};

async function pageOf(
  { page, limit }: z.output<typeof query>,
  read: (part: { skip: number; limit: number }) => Promise<Notification[]>,
): Promise<z.infer<typeof listed>> {
  const found = await read({ skip: (page - 1) * limit, limit: limit + 1 });
  return { data: found.slice(0, limit).map(viewOf), page: { number: page, hasMore: found.length > limit } };
}

function viewOf(mail: Notification): z.infer<typeof email> {
  const { _id: id, order, stage, round, template, to = 'client', subject, recipient, state, response, tries } = mail;
  const { createdAt, at, sentAt } = mail;
  return {
    ...{ id, order, stage, round, template, to, subject, recipient, state, response, tries },
    ...{ createdAt: iso(createdAt), at: iso(at), sentAt: isoOrNone(sentAt) },
  };
}

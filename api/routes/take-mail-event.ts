/**
 * POST /v1/mail-events/:agency: a delivery report of one of the agency's emails, as a raw message. Judged on its bytes
 * before anything is parsed; unknown agencies and bad signatures have the same answer. The message's own id, or else what
 * is signed, makes it one work item.
 */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { hashedId } from '../../kernel/ids.ts';
import { accept } from '../../queues/accept.ts';
import { from } from '../../queues/from.ts';
import { notifications } from '../../queues/notifications.ts';
import { readDeliveryReport } from '../../runtime/delivery-report.ts';
import { verifiedId } from '../../runtime/webhook.ts';
import type { Route } from '../context.ts';
import { openToAll } from '../http/policy.ts';
import { id } from '../schemas/wire.ts';

const bodyLimit = 256 * 1024;

const answer = z.object({
  job: z.object({ id: z.string() }).optional(),
  ignored: z.string().optional().describe('Why the report changes nothing.'),
});

export const takeMailEvent: Route = (api, deps) => {
  const { models } = deps;
  api.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
    scope.route<{ Params: { agency: string } }>({
      method: 'POST',
      url: '/v1/mail-events/:agency',
      config: openToAll,
      bodyLimit,
      schema: {
        tags: ['Callbacks'],
        summary: 'Take a delivery report of an email',
        description:
          'A delivery status notification (RFC 3464) as a raw `message/rfc822` in any encoding, at most 256 KB. The signature covers its bytes. Sign it as a Standard Webhook with one of the mail secrets of the agency.',
        params: z.strictObject({ agency: id }),
        response: { 202: answer },
      },
      async handler(request, reply) {
        const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const agency = await models.agencies.get(request.params.agency);
        const messageId = verifiedId(agency?.mailSecrets ?? [], request.headers, raw);
        if (!agency || messageId === undefined) {
          throw new Refusal('unauthenticated', 'The message is not signed by this agency, or is too old.');
        }
        const report = await readDeliveryReport(raw);
        if (!report) throw new Refusal('invalid_request', 'Send a delivery status notification (RFC 3464).');
        if (report.action === 'other') return reply.code(202).send({ ignored: 'The report names no end.' });
        const mail = await models.notifications.byMessageId(agency._id, report.messageIds);
        if (!mail) return reply.code(202).send({ ignored: 'The report is about no email of this agency.' });
        const payload = { mail: mail._id, action: report.action, said: report.said };
        const { account, order } = mail;
        const origin = {
          ...from({ agency: agency._id, account, order, requestId: request.id }),
          cause: 'callback' as const,
        };
        const _id = `mail-event-${hashedId(agency._id, messageId)}`;
        const { item } = await accept(notifications.draft('bounce', payload, { ...origin, _id }), {
          ...deps,
          work: models.work,
        });
        return reply.code(202).send({ job: { id: item._id } });
      },
    });
  });
};

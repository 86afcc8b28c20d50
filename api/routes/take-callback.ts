/**
 * POST /v1/callbacks/:vendor: what a vendor answers, later and by itself. Judged on the raw bytes before anything is
 * parsed; unknown vendors and bad signatures have the same answer. The message's own id makes it one work item.
 */
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { hashedId } from '../../kernel/ids.ts';
import type { WorkDraft } from '../../kernel/work.ts';
import type { Vendor } from '../../models/vendor.ts';
import { accept } from '../../queues/accept.ts';
import { fulfillment, vendorAnswer } from '../../queues/fulfillment.ts';
import { verifiedId } from '../../runtime/webhook.ts';
import { requireSound } from '../../workflows/words/sound.ts';
import type { Dependencies, Route } from '../context.ts';
import { openToAll } from '../http/policy.ts';
import { id } from '../schemas/wire.ts';

const bodyLimit = 64 * 1024;

const message = z.object({ type: z.string().max(80), data: vendorAnswer.extend({ dispatch: id }) });

export const takeCallback: Route = (api, deps) => {
  api.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
    scope.route<{ Params: { vendor: string } }>({
      method: 'POST',
      url: '/v1/callbacks/:vendor',
      config: openToAll,
      bodyLimit,
      schema: {
        tags: ['Callbacks'],
        summary: "Take a vendor's answer",
        params: z.strictObject({ vendor: id }),
        response: { 202: z.object({ job: z.object({ id: z.string() }) }) },
      },
      async handler(request, reply) {
        const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const vendor = await deps.models.vendors.get(request.params.vendor);
        const messageId = vendor ? verifiedId(vendor.secrets, request.headers, raw) : undefined;
        if (!vendor || messageId === undefined) {
          throw new Refusal('unauthenticated', 'The message is not signed by this vendor, or is too old.');
        }
        const draft = await draftOf(vendor, messageId, { raw, requestId: request.id }, deps);
        const { item } = await accept(draft, { ...deps, work: deps.models.work });
        return reply.code(202).send({ job: { id: item._id } });
      },
    });
  });
};

/** An answer to what is not (yet) known here is kept as well: the worker sees whether it was early or foreign. */
async function draftOf(
  vendor: Vendor,
  messageId: string,
  { raw, requestId }: { raw: Buffer; requestId: string },
  { models }: Dependencies,
): Promise<WorkDraft> {
  const { dispatch, ...answer } = read(raw);
  const found = await models.dispatches.get(dispatch);
  const own = found?.vendor === vendor._id ? found : undefined;
  return fulfillment.draft(
    'answer',
    { vendor: vendor._id, dispatch, answer },
    {
      _id: `callback-${vendor._id}-${hashedId(messageId)}`,
      actor: { type: 'service' as const, id: `vendor-${vendor._id}` },
      cause: 'callback' as const,
      agency: own?.agency ?? vendor.agency ?? 'none',
      account: own?.account ?? `vendor-${vendor._id}`,
      ...(own && { order: own.order }),
      requestId,
    },
  );
}

function read(raw: Buffer): z.infer<typeof message>['data'] {
  const said = jsonOrNone(raw);
  requireSound(said);
  const parsed = message.safeParse(said);
  if (parsed.success) return parsed.data.data;
  throw new Refusal('invalid_request', 'The message must have the form { type, data: { dispatch, status } }.');
}

function jsonOrNone(raw: Buffer): unknown {
  try {
    return isUtf8(raw) ? JSON.parse(raw.toString('utf8')) : undefined;
  } catch {
    return undefined;
  }
}

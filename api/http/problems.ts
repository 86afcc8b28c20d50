/**
 * Every answer that is not what was asked for, as RFC 9457 problem documents from the catalogue of refusals. A fault
 * tells the caller nothing but the request's id; the words are in the log, under that id.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal, type RefusalCode, refusals } from '../../kernel/errors.ts';
import { isOutage, tookTooLong } from '../../models/outage.ts';
import type { Log } from '../../runtime/log.ts';

export const problem = z
  .object({
    type: z.string().describe('A URI that identifies the problem type; stable for its code.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().describe('`urn:request:<id>`'),
    code: z.string(),
    errors: z
      .array(z.object({ pointer: z.string(), rule: z.string(), message: z.string() }))
      .optional()
      .describe('Which fields are wrong, why, and what would be accepted.'),
    retryable: z.boolean().describe('True if the same request may succeed later.'),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problem>;

const retryable: readonly RefusalCode[] = ['too_many_requests', 'unavailable'];

export function problemOf({ code, status, message, errors }: Refusal, requestId: string): Problem {
  return {
    type: `https://orderworks.example/problems/${code}`,
    title: refusals[code].title,
    status,
    detail: message,
    instance: `urn:request:${requestId}`,
    code,
    ...(errors.length > 0 && { errors }),
    retryable: retryable.includes(code),
    requestId,
  };
}

export function sendProblem(reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer');
  if (refusal.code === 'unavailable') reply.header('retry-after', '2');
  return reply
    .code(refusal.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemOf(refusal, reply.request.id));
}

/** The one error handler. */
export function answerErrors(log: Log) {
  return (error: FastifyError | Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refusalOf(error, request.routeOptions.bodyLimit);
    if (refusal) return sendProblem(reply, refusal);
    log.error({ requestId: request.id, route: request.routeOptions.url, error: error.stack }, 'fault');
    return reply.code(500).type('application/problem+json').serializer(JSON.stringify).send(fault(request.id));
  };
}

const fault = (requestId: string) => ({
  type: 'https://orderworks.example/problems/fault',
  title: 'Something went wrong on our side',
  status: 500,
  instance: `urn:request:${requestId}`,
  code: 'fault',
  retryable: true,
  requestId,
});

/** What a thrown thing means to the caller; undefined for a fault. `bodyLimit`: the most bytes that its route takes. */
export function refusalOf(error: FastifyError | Refusal, bodyLimit?: number): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (isOutage(error)) return new Refusal('unavailable', 'The database is unavailable. Nothing was accepted.');
  if (tookTooLong(error)) return new Refusal('unavailable', 'The search took too long. Narrow it, or try again later.');
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Refusal('unsupported_media_type', error.message);
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new Refusal('payload_too_large', `The body may have at most ${bodyLimit ?? 'fewer'} bytes.`);
  }
  return error.statusCode === 400 ? new Refusal('invalid_request', error.message) : undefined;
}

/**
 * Every answer that is not what was asked for, as RFC 9457 problem documents from the catalogue of refusals. A fault
 * tells the caller nothing but the request's id; the words are in the log, under that id.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal, type RefusalCode, refusals } from '../../kernel/errors.ts';
import { isOutage, tookTooLong } from '../../models/outage.ts';
import type { Log } from '../../runtime/log.ts';

const problem = z
  .object({
    type: z.string().describe('A URI that identifies the problem type; stable for its code.'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().optional(),
    instance: z.string().describe('`urn:request:<id>`'),
    code: z.string(),
    errors: z
      .array(z.object({ pointer: z.string(), rule: z.string(), message: z.string() }))
      .optional()
      .describe('Which fields are wrong, why, and what would be accepted.'),
    errorCount: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe('How many fields are wrong, if that is more than `errors` lists.'),
    retryable: z.boolean().describe('True if the same request may succeed later.'),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problem>;

const retryable: readonly RefusalCode[] = ['too_many_requests', 'unavailable'];

export function problemOf({ code, status, message, errors, errorCount }: Refusal, requestId: string): Problem {
  return {
    type: `https://orderworks.example/problems/${code}`,
    title: refusals[code].title,
    status,
    detail: message,
    instance: `urn:request:${requestId}`,
    code,
    ...(errors.length > 0 && { errors }),
    ...(errorCount > errors.length && { errorCount }),
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

/** What Fastify refuses before it knows a route: an address that cannot be decoded, a parameter that is too long. */
export function answerFrameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  void sendProblem(reply.header('x-request-id', request.id), refusalOf(error) ?? new Refusal('invalid_request', ''));
}

/** What is no HTTP, or has too many headers: there is no request yet, so there is nothing to log or to name. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const isTooLong = error.code === 'HPE_HEADER_OVERFLOW';
  const status = isTooLong ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const detail = isTooLong ? 'The headers are too long.' : 'The request is not HTTP.';
  const body = JSON.stringify(problemOf(new Refusal('invalid_request', detail), randomUUID()));
  const headers = `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
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
export function refusalOf(error: FastifyError | Refusal | Error, bodyLimit?: number): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (isOutage(error)) return new Refusal('unavailable', 'The database is unavailable. Nothing was accepted.');
  if (tookTooLong(error)) return new Refusal('unavailable', 'The search took too long. Narrow it, or try again later.');
  if (!('statusCode' in error)) return undefined;
  switch (error.statusCode) {
    case 403:
    case 404:
      return new Refusal('not_found', 'Nothing is at this address.');
    case 405:
      return new Refusal('method_not_allowed', error.message);
    case 413:
      return new Refusal('payload_too_large', `The body may have at most ${bodyLimit ?? 'fewer'} bytes.`);
    case 415:
      return new Refusal('unsupported_media_type', error.message);
    default:
      return isOfTheCaller(error.statusCode) ? new Refusal('invalid_request', error.message) : undefined;
  }
}

/** The server and its plugins say of what they throw whose fault it is. */
const isOfTheCaller = (status: number | undefined): boolean => status !== undefined && status >= 400 && status < 500;

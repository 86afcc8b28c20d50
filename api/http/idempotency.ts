/**
 * The Idempotency-Key of a request. It belongs to the caller and to one request: asked again, the request is answered as
 * at first; another request under the same key is refused with `key_reused`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { workIdOf } from '../../kernel/ids.ts';
import { callerIn } from './auth.ts';

/** The id of what the request asks for: the same for the same key, another at each request without one. */
export function workOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  return workIdOf(callerIn(request).actor.id, typeof key === 'string' ? key : undefined);
}

/** Says that this answer is about a request that was made before. */
export function markReplayed(reply: FastifyReply, replayed: boolean): void {
  if (replayed) reply.header('idempotency-replayed', 'true');
}

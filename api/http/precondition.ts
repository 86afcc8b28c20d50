/**
 * If-Match: which version of the order the caller has seen. Changing an order takes it, so that nobody overwrites what
 * they have not read; `*` says that any version will do. The worker checks the version once more.
 */
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../kernel/errors.ts';

/** Where nobody has to say what they have seen, because nothing that they have not read is overwritten. */
export function expectedVersionIfAny(request: FastifyRequest): number | undefined {
  return request.headers['if-match'] === undefined ? undefined : expectedVersion(request);
}

export function expectedVersion({ headers }: FastifyRequest): number | undefined {
  const given = headers['if-match'];
  if (given === undefined) throw new Refusal('version_required', 'If-Match is missing. Send the ETag of the order.');
  if (given.trim() === '*') return undefined;
  const [, version] = /^(?:W\/)?"(\d{1,15})"$/.exec(given.trim()) ?? [];
  if (version !== undefined) return Number(version);
  throw new Refusal('invalid_request', 'If-Match is invalid.', [
    { pointer: '/headers/if-match', rule: 'not_an_etag', message: 'Send the ETag of the order, such as "7", or *.' },
  ]);
}

/**
 * A request that is carried out at once and makes no work item: it leaves a settled one under its Idempotency-Key, so
 * that every other route sees that the key is taken. What it does must itself be keyed by `work`.
 */
import type { FastifyRequest } from 'fastify';
import { hashOf } from '../../kernel/ids.ts';
import { after } from '../../kernel/time.ts';
import { bodyHashOf, keptFor, openWork, type WorkDraft } from '../../kernel/work.ts';
import { requireSame } from '../../queues/accept.ts';
import { bulk } from '../../queues/bulk.ts';
import type { Dependencies } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { workOf } from '../http/idempotency.ts';

/** What a request is keyed by. */
export interface Keyed {
  work: string;
  /** Equal for the same method, path and body. */
  bodyHash: string;
}

export interface Once<T> {
  made: T;
  /** True when the same request had been carried out before. */
  replayed: boolean;
}

/** Throws `key_reused` when the key belongs to another request. */
export async function once<T>(
  request: FastifyRequest,
  { agency, make }: { agency: string; make: (keyed: Keyed) => Promise<T> },
  { models, clock }: Dependencies,
): Promise<Once<T>> {
  const work = workOf(request);
  const draft = draftOf(request, { work, agency });
  const keyed = { work, bodyHash: bodyHashOf(draft) };
  if (request.headers['idempotency-key'] === undefined) return { made: await make(keyed), replayed: false };
  const known = await models.work.get(work);
  if (known) requireSame(known, draft);
  const made = await make(keyed);
  const now = clock.now();
  const ended = { state: 'done', outcome: { status: 'done' }, settledAt: now, expireAt: after(now, keptFor) } as const;
  const isFirst = await models.work.insert({ ...openWork(draft, 'ready', now), ...ended });
  return { made, replayed: !isFirst };
}

function draftOf(request: FastifyRequest, { work, agency }: { work: string; agency: string }): WorkDraft {
  const { method, url, body, id: requestId } = request;
  const [path = ''] = url.split('?');
  // A body may name a hundred thousand orders: its hash is enough.
  const payload = { method, path, body: hashOf(body ?? null) };
  return {
    ...{ _id: work, queue: bulk.name, kind: 'request', schema: bulk.schema, payload },
    ...{ actor: callerIn(request).actor, cause: 'api', agency, account: agency, requestId },
  };
}

/** The answers that all commands share: 202 with the job and where to look for it, or 200 when it was waited for. */
import type { FastifyReply } from 'fastify';
import type { Acceptance } from '../../queues/accept.ts';
import type { Accepted } from '../../queues/accept-command.ts';
import type { Dependencies, Exchange } from '../context.ts';
import { viewOfJob } from '../schemas/job.ts';
import { markReplayed } from './idempotency.ts';
import { secondsToWait } from './prefer.ts';

export function answerAccepted(
  exchange: Exchange,
  { order, ...accepted }: Accepted,
  deps: Dependencies,
): Promise<FastifyReply> {
  return answerAbout({ order: { id: order } }, exchange, { accepted, deps });
}

/** `about` says what was commanded, beside the job. */
export async function answerAbout(
  about: object,
  { request, reply }: Exchange,
  { accepted: { item, replayed }, deps: { waiter } }: { accepted: Acceptance; deps: Dependencies },
): Promise<FastifyReply> {
  markReplayed(reply, replayed);
  const seconds = secondsToWait(request.headers.prefer);
  const settled = item.state === 'open' && seconds > 0 ? await waiter.settled(item._id, seconds * 1_000) : undefined;
  if (seconds > 0 && (settled || item.state !== 'open')) reply.header('preference-applied', `wait=${seconds}`);
  const job = viewOfJob(settled ?? item);
  return reply
    .code(seconds > 0 && job.state !== 'open' ? 200 : 202)
    .header('location', job.links.self)
    .send({ job, ...about });
}

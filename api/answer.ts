/** The answers that all commands share: 202 with the job and where to look for it. */
import type { FastifyReply } from 'fastify';
import type { Accepted } from './accept-command.ts';
import { viewOfJob } from './schemas/job.ts';

export function answerAccepted(reply: FastifyReply, { item, order, replayed }: Accepted): FastifyReply {
  if (replayed) reply.header('idempotency-replayed', 'true');
  const job = viewOfJob(item);
  return reply
    .code(202)
    .header('location', job.links.self)
    .send({ job, order: { id: order } });
}

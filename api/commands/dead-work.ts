/** What lies dead of a stage's work, for a retry to take up. A request that is repeated names what it named at first. */
import type { FastifyRequest } from 'fastify';
import { workIdOf } from '../../kernel/ids.ts';
import type { Command, OrderCommand } from '../../workflows/words/commands.ts';
import type { Dependencies } from '../context.ts';
import { callerIn } from '../http/auth.ts';

export async function retryOf(
  request: FastifyRequest,
  { order, stage }: { order: string; stage: string },
  { models }: Dependencies,
): Promise<Command<'retry-stage'>> {
  const key = request.headers['idempotency-key'];
  const known = typeof key === 'string' ? await models.work.get(workIdOf(callerIn(request).actor.id, key)) : null;
  const asked = known?.payload['command'] as OrderCommand | undefined;
  if (asked?.type === 'retry-stage' && asked.stage === stage) return asked;
  const dead = (await models.deadLetters.ofStage(order, stage)).map(({ _id: id, generation }) => ({ id, generation }));
  return { type: 'retry-stage', stage, ...(dead.length > 0 && { dead }) };
}

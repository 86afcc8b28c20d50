/** What every route that commands an order does, once its request is a command: accept it and answer with the job. */
import type { FastifyReply } from 'fastify';
import { workIdOf } from '../../kernel/ids.ts';
import { requireRight } from '../../queues/command-rights.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { Dependencies, Exchange } from '../context.ts';
import { answerAccepted } from '../http/answer.ts';
import { callerIn } from '../http/auth.ts';
import { acceptCommand, type Target } from './accept-command.ts';
import { mustBeStaff } from './known-staff.ts';

export interface Commanded {
  target: Target;
  command: OrderCommand;
  reason?: string | undefined;
  expectedVersion?: number | undefined;
}

export async function commandOrder(
  { request, reply }: Exchange,
  { target, command, reason, expectedVersion }: Commanded,
  deps: Dependencies,
): Promise<FastifyReply> {
  const caller = callerIn(request);
  requireRight(caller.role, command.type);
  await mustBeStaff(command, { agency: target.agency }, deps);
  const { actor } = caller;
  const key = request.headers['idempotency-key'];
  const work = workIdOf(actor.id, typeof key === 'string' ? key : undefined);
  const asking = { work, actor, cause: 'api' as const, command, reason, expectedVersion, requestId: request.id };
  return answerAccepted({ request, reply }, await acceptCommand(asking, target, deps), deps);
}

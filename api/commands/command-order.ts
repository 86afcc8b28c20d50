/** What every route that commands an order does, once its request is a command: accept it and answer with the job. */
import type { FastifyReply } from 'fastify';
import type { Order } from '../../models/order.ts';
import { acceptCommand, type Target } from '../../queues/accept-command.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { Dependencies, Exchange } from '../context.ts';
import { answerAccepted } from '../http/answer.ts';
import { callerIn } from '../http/auth.ts';
import { workOf } from '../http/idempotency.ts';

export interface Commanded {
  target: Target<Order>;
  command: OrderCommand;
  reason?: string | undefined;
  expectedVersion?: number | undefined;
}

export async function commandOrder(
  { request, reply }: Exchange,
  { target, ...commanded }: Commanded,
  deps: Dependencies,
): Promise<FastifyReply> {
  const { actor } = callerIn(request);
  const asking = { work: workOf(request), actor, cause: 'api' as const, requestId: request.id, ...commanded };
  return answerAccepted({ request, reply }, await acceptCommand(asking, target, deps), deps);
}

/** What every route that commands an account does: ask the rule, accept the command as a work item, answer with the job. */
import type { FastifyReply } from 'fastify';
import { Refusal } from '../../kernel/errors.ts';
import { acceptUnless, objectionOf } from '../../queues/accept.ts';
import { requireReadable } from '../../queues/readable.ts';
import { setup } from '../../queues/setup.ts';
import { type AccountCommand, accountCommand } from '../../workflows/accounts/commands.ts';
import { runAccount } from '../../workflows/accounts/run.ts';
import type { Dependencies, Exchange } from '../context.ts';
import { answerAbout } from '../http/answer.ts';
import { callerIn } from '../http/auth.ts';
import { workOf } from '../http/idempotency.ts';
import { expectedVersionIfAny } from '../http/precondition.ts';
import { findAccount } from '../reads/find-order.ts';

export interface AccountCommanded {
  account: string;
  command: AccountCommand;
  reason?: string | undefined;
}

export async function commandAccount(
  { request, reply }: Exchange,
  { account: id, command, reason }: AccountCommanded,
  deps: Dependencies,
): Promise<FastifyReply> {
  const { actor, scope } = callerIn(request);
  requireReadable(accountCommand, command);
  const account = await findAccount(scope, id, deps);
  const work = workOf(request);
  const because = reason !== undefined && { reason };
  const expectedVersion = expectedVersionIfAny(request);
  const draft = setup.draft(
    'account',
    { account: account._id, command },
    {
      ...{
        _id: work,
        actor,
        cause: 'api' as const,
        agency: account.agency,
        account: account._id,
        requestId: request.id,
        ...because,
      },
      ...(expectedVersion !== undefined && { expectedVersion }),
    },
  );
  const refusal = objectionOf(() => {
    if (expectedVersion !== undefined && account.version !== expectedVersion) {
      throw new Refusal('version_changed', `The account is at version ${account.version}, not ${expectedVersion}.`);
    }
    runAccount(account, command, { actor, work, at: deps.business.now(), ...because });
  });
  const wasApplied = async () => (await deps.models.accounts.lineOf(account, work)) !== undefined;
  const accepted = await acceptUnless(draft, { refusal, wasApplied }, { ...deps, work: deps.models.work });
  return answerAbout({ account: { id: account._id } }, { request, reply }, { accepted, deps });
}

/** Applies commands to accounts: the rule decides, one write changes it, and what must follow leaves by its outbox. */
import { Refusal } from '../../kernel/errors.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Account } from '../../models/account.ts';
import { draftsOfAccount } from '../../queues/account-effects.ts';
import type { Payload } from '../../queues/contract.ts';
import type { setup } from '../../queues/setup.ts';
import type { AccountCommand } from '../../workflows/accounts/commands.ts';
import { runAccount } from '../../workflows/accounts/run.ts';
import { apply, type Decision } from '../machine/apply.ts';
import type { Context } from '../machine/context.ts';
import type { Handler } from '../machine/define.ts';

export const commandAccount: Handler<Payload<typeof setup, 'account'>> = ({ account: id, command }, item, context) => {
  const decide = (read: Account | undefined) => decideAccount(read, { command, item }, context);
  return apply({ stream: context.models.accounts, id, item, action: command.type, decide }, context);
};

function decideAccount(
  read: Account | undefined,
  { command, item }: { command: AccountCommand; item: WorkItem },
  { business }: Context,
): Decision {
  if (!read) throw new Refusal('account_not_found', 'Account not found.');
  const { actor, _id: work, reason, requestId, agency, account } = item;
  const asked = { actor, work, at: business.now(), ...(reason !== undefined && { reason }) };
  const { state, events, effects } = runAccount(read, command, asked);
  const { facts, grants, subscription } = state;
  const origin = { cause: 'worker' as const, agency, account, ...(requestId && { requestId }) };
  return {
    set: { facts, grants, subscription },
    events: events.map((event) => ({ ...event })),
    effects: draftsOfAccount(effects, origin),
  };
}

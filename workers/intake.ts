/**
 * Takes in commands that services put into Redis: each becomes one work item, and from then on is like any other. What
 * is not signed, not allowed or about nothing of the service's is told in the log and dropped; nothing was accepted.
 */
import { Refusal } from '../kernel/errors.ts';
import { orderIdOf, workIdOf } from '../kernel/ids.ts';
import type { ApiKey } from '../models/api-key.ts';
import { accept } from '../queues/accept.ts';
import { requireRight } from '../queues/command-rights.ts';
import { intake, isSignedBy, type SignedCommand, signedCommand } from '../queues/intake.ts';
import { namedIn } from '../workflows/rules/assignment.ts';
import type { Command } from '../workflows/words/commands.ts';
import type { Context } from './machine/context.ts';
import type { WorkerDefinition } from './machine/define.ts';

export const intakeWorker: WorkerDefinition = { queue: intake, concurrency: 5, handlers: {}, take };

async function take(data: unknown, context: Context): Promise<void> {
  try {
    await acceptSigned(signedCommand.parse(data), context);
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Error && error.name === 'ZodError')) throw error;
    const code = error instanceof Refusal ? error.code : 'invalid_request';
    context.log.warn({ key: keyNamedIn(data), code, message: error.message }, 'a command from the intake was refused');
  }
}

async function acceptSigned(said: SignedCommand, { models, nudger, clock }: Context): Promise<void> {
  const key = await models.apiKeys.get(said.key, clock.now());
  if (!key || !isSignedBy(said, key.hash))
    throw new Refusal('unauthenticated', 'The signature is not that of the key.');
  requireRight(key.role, said.command.type);
  const { id, command, reason } = said;
  const work = workIdOf(key._id, id);
  const { order, agency, account } = await targetOf(said, { key, work }, { models });
  if (command.type === 'assign') await mustBeStaff(command, agency, { models });
  const draft = {
    ...{ _id: work, queue: 'setup', kind: 'command', schema: 1, payload: { order, command: { ...command } } },
    ...{ actor: { type: key.type, id: key._id, role: key.role }, cause: 'api' as const, agency, account, order },
    ...(reason !== undefined && { reason }),
  };
  await accept(draft, { work: models.work, nudger, clock });
}

async function targetOf(
  { command, order: orderId = '', account: accountId = '' }: SignedCommand,
  { key, work }: { key: ApiKey; work: string },
  { models: { lookups } }: Pick<Context, 'models'>,
) {
  if (command.type === 'create-order') {
    const account = await lookups.account(key, accountId);
    if (!account) throw new Refusal('account_not_found', 'Account not found.');
    return { order: orderIdOf(work), agency: account.agency, account: account._id };
  }
  const order = await lookups.order(key, orderId);
  if (!order) throw new Refusal('order_not_found', 'Order not found.');
  return { order: order._id, agency: order.agency, account: order.account };
}

/** Mails about an order go to those who have a post: nobody of another agency gets one. */
async function mustBeStaff(
  command: Command<'assign'>,
  agency: string,
  { models: { staff } }: Pick<Context, 'models'>,
): Promise<void> {
  const named = namedIn(command).map(({ id }) => id);
  const [unknown] = await staff.unknown(named, agency);
  if (unknown) throw new Refusal('staff_not_found', `${unknown} does not work for the agency.`);
}

const keyNamedIn = (data: unknown): string | undefined =>
  signedCommand.shape.key.safeParse((data as { key?: unknown })?.key).data;

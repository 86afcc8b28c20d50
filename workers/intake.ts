/**
 * Takes in commands that services put into Redis: each becomes one work item, and from then on is like any other. What
 * is not signed, not allowed or about nothing of the service's is told in the log and dropped; nothing was accepted.
 */
import { Refusal } from '../kernel/errors.ts';
import { workIdOf } from '../kernel/ids.ts';
import type { ApiKey } from '../models/api-key.ts';
import type { Order } from '../models/order.ts';
import { acceptCommand, type Target } from '../queues/accept-command.ts';
import { intake, isSignedBy, type SignedCommand, signedCommand } from '../queues/intake.ts';
import { requireSound } from '../workflows/words/sound.ts';
import type { Context } from './machine/context.ts';
import type { WorkerDefinition } from './machine/define.ts';

export const intakeWorker: WorkerDefinition = { queue: intake, concurrency: 5, handlers: {}, take };

/** What one command may be: as much as a job of ours, and more than any form is. */
const mostOfOne = { values: 5_000, characters: 65_536 };

async function take(data: unknown, context: Context): Promise<void> {
  try {
    // Before anything is hashed or compared, and before anybody asks who it is from.
    requireSound(data, '', mostOfOne);
    await acceptSigned(signedCommand.parse(data), context);
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Error && error.name === 'ZodError')) throw error;
    const code = error instanceof Refusal ? error.code : 'invalid_request';
    context.log.warn({ key: keyNamedIn(data), code, message: error.message }, 'a command from the intake was refused');
  }
}

async function acceptSigned(said: SignedCommand, context: Context): Promise<void> {
  const key = await context.models.apiKeys.get(said.key, context.clock.now());
  if (!key || !isSignedBy(said, key.hash))
    throw new Refusal('unauthenticated', 'The signature is not that of the key.');
  const { id, command, reason } = said;
  const actor = { type: key.type, id: key._id, role: key.role };
  const asking = { work: workIdOf(key._id, id), actor, cause: 'api' as const, command, reason, unheard: true };
  await acceptCommand(asking, await targetOf(said, key, context), context);
}

/** Asked of the key's scope, as every route does. */
async function targetOf(
  { command, order: orderId = '', account: accountId = '' }: SignedCommand,
  key: ApiKey,
  { models: { lookups } }: Context,
): Promise<Target<Order>> {
  if (command.type === 'create-order') {
    const account = await lookups.account(key, accountId);
    if (!account) throw new Refusal('account_not_found', 'Account not found.');
    return { agency: account.agency, account: account._id };
  }
  const order = await lookups.order(key, orderId);
  if (!order) throw new Refusal('order_not_found', 'Order not found.');
  return order;
}

const keyNamedIn = (data: unknown): string | undefined =>
  signedCommand.shape.key.safeParse((data as { key?: unknown })?.key).data;

/** Moves orders through the setup stages of their product: each command is decided by the workflow and written once. */
import { Refusal } from '../kernel/errors.ts';
import type { Outcome, WorkItem } from '../kernel/work.ts';
import type { Order } from '../models/order.ts';
import { listedAs } from '../models/search-words.ts';
import type { Payload } from '../queues/contract.ts';
import { draftsOfChange } from '../queues/effects.ts';
import { referenceTaken } from '../queues/reference-taken.ts';
import { setup } from '../queues/setup.ts';
import { run } from '../workflows/engine/run.ts';
import type { CalendarName } from '../workflows/time/calendars.ts';
import type { Command, OrderCommand } from '../workflows/words/commands.ts';
import { commandAccount } from './accounts/apply-account.ts';
import { calendarOfAccount } from './accounts/place.ts';
import { tellContact } from './accounts/tell-contact.ts';
import { tellOrder, tellOrders } from './accounts/tell-facts.ts';
import { tellPlace } from './accounts/tell-place.ts';
import { apply, type Decision } from './machine/apply.ts';
import type { Context } from './machine/context.ts';
import { defineWorker } from './machine/define.ts';
import { reopen } from './machine/reopen.ts';

export const setupWorker = defineWorker({
  queue: setup,
  concurrency: 100,
  handlers: {
    command: commandOrder,
    timer: commandOrder,
    account: commandAccount,
    'record-milestone': commandAccount,
    expire: commandAccount,
    spread: tellOrders,
    'spread-contact': tellContact,
    'spread-place': tellPlace,
    recheck: tellOrder,
    'keep-notes': keepNotes,
    reopen,
  },
});

/** Under their numbers: what is there already stays as it is. */
async function keepNotes(
  { order, notes }: Payload<typeof setup, 'keep-notes'>,
  { agency, account }: WorkItem,
  { models }: Context,
): Promise<Outcome> {
  await models.notes.keep({ agency, account, order }, notes);
  return { status: 'done' };
}

async function commandOrder(
  { order: id, command }: Payload<typeof setup, 'command'>,
  item: WorkItem,
  context: Context,
): Promise<Outcome> {
  if (command.type === 'submit-form') await saveResponse({ order: id, command, item }, context);
  const calendar = command.type === 'create-order' ? await calendarOfAccount(item.account, context.models) : undefined;
  const decide = (order: Order | undefined) =>
    decideOrder(order, { id, command, item, at: context.business.now(), calendar });
  if ('reference' in command) await claimReference(command.reference, { id, item, decide }, context);
  return apply({ stream: context.models.orders, id, item, action: command.type, decide }, context);
}

/** Saved first: the commit refers to it. An id that holds something else came from nobody honest. */
async function saveResponse(
  { order, command, item }: { order: string; command: Command<'submit-form'>; item: WorkItem },
  { models, business }: Context,
): Promise<void> {
  const { response: _id, stage, round, link, hash, answers, typed } = command;
  const { agency, account } = item;
  const at = business.now();
  const given = { answers, ...(typed && { typed }), hash, at };
  const saved = await models.responses.save({ _id, agency, account, order, stage, round, link, ...given });
  if (saved.order !== order || saved.hash !== hash) {
    throw new Refusal('key_reused', `The response ${_id} belongs to something else.`);
  }
}

interface Wanted {
  id: string;
  item: WorkItem;
  decide: (order: Order | undefined) => Decision;
}

/**
 * Claimed before the commit that writes it, so that of two orders that ask for one reference only one gets it; and only
 * where the command would be carried out: a refused one leaves the reference to others.
 */
async function claimReference(
  reference: string | undefined,
  { id, item, decide }: Wanted,
  { models }: Context,
): Promise<void> {
  if (reference === undefined) return;
  const order = (await models.orders.get(id)) ?? undefined;
  const isCurrent = item.expectedVersion === undefined || item.expectedVersion === order?.version;
  if (!isCurrent || isRefused(() => decide(order))) return;
  const holder = await models.orderReferences.claim(item.account, reference, id);
  if (holder === id) return;
  throw referenceTaken(holder, reference);
}

function isRefused(rule: () => unknown): boolean {
  try {
    rule();
    return false;
  } catch (error) {
    if (error instanceof Refusal) return true;
    throw error;
  }
}

interface Asked {
  id: string;
  command: OrderCommand;
  item: WorkItem;
  at: Date;
  calendar: CalendarName | undefined;
}

function decideOrder(order: Order | undefined, { id, command, item, at, calendar }: Asked): Decision {
  if (!order && command.type !== 'create-order') throw new Refusal('order_not_found', 'Order not found.');
  const { actor, agency, account, _id: work, reason, requestId } = item;
  const { state, events, effects } = run(order?.state, command, {
    actor,
    at,
    work,
    calendar,
    ...(reason !== undefined && { reason }),
  });
  const origin = { actor, cause: 'worker' as const, agency, account, ...(requestId && { requestId }) };
  const drafts = draftsOfChange({ events, effects }, id, origin);
  return {
    set: { agency, account, state, ...listedAs(id, state) },
    events: events.map((event) => ({ ...event })),
    effects: drafts,
  };
}

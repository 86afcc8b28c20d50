/**
 * From a request to one work item. The workflow is asked whether it would refuse; only what it would carry out is
 * accepted. A request that was accepted before is answered as that one, even where the rule would refuse it by now.
 */

import type { Actor, Cause } from '../kernel/actor.ts';
import { Refusal } from '../kernel/errors.ts';
import { orderIdOf } from '../kernel/ids.ts';
import { openWork, type WorkDraft } from '../kernel/work.ts';
import type { Order } from '../models/order.ts';
import { type Acceptance, accept } from '../queues/accept.ts';
import type { OrderCommand } from '../workflows/commands.ts';
import { run } from '../workflows/run.ts';
import type { Dependencies } from './context.ts';

export interface Asking {
  /** The id of the work item: the same for everything that is the same request. */
  work: string;
  actor: Actor;
  cause: Cause;
  command: OrderCommand;
  reason?: string | undefined;
  requestId: string;
  expectedVersion?: number | undefined;
}

/** Where the command goes: an order that is there, or the one that it makes. */
export type Target = Order | { agency: string; account: string };

export interface Accepted extends Acceptance {
  order: string;
}

export async function acceptCommand(asking: Asking, target: Target, deps: Dependencies): Promise<Accepted> {
  const draft = draftOf(asking, target);
  const order = draft.order ?? '';
  const refusal = objection(asking, target, deps);
  if (!refusal) return { ...(await accept(draft, { ...deps, work: deps.models.work })), order };
  const known = await knownAs(draft, target, deps);
  if (!known) throw refusal;
  return { ...known, order };
}

function draftOf(asking: Asking, target: Target): WorkDraft {
  const { work, actor, cause, command, reason, requestId, expectedVersion } = asking;
  const order = '_id' in target ? target._id : orderIdOf(work);
  return {
    ...{ _id: work, queue: 'setup', kind: 'command', schema: 1, payload: { order, command: { ...command } } },
    ...{ actor, cause, agency: target.agency, account: target.account, order, requestId },
    ...(reason !== undefined && { reason }),
    ...(expectedVersion !== undefined && { expectedVersion }),
  };
}

/** What the rule would say now, or undefined when it would agree. */
function objection(asking: Asking, target: Target, { business }: Dependencies): Refusal | undefined {
  const { command, actor, work, reason, expectedVersion } = asking;
  const order = '_id' in target ? target : undefined;
  try {
    if (expectedVersion !== undefined && order?.version !== expectedVersion) {
      throw new Refusal('version_changed', `The order is at version ${order?.version ?? 0}, not ${expectedVersion}.`);
    }
    run(order?.state, command, { actor, work, at: business.now(), ...(reason !== undefined && { reason }) });
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The item of an earlier, equal request; when its item has expired, the history still tells that it was applied. */
async function knownAs(draft: WorkDraft, target: Target, deps: Dependencies): Promise<Acceptance | undefined> {
  const { work, orders } = deps.models;
  const item = await work.get(draft._id);
  if (item && item.bodyHash !== openWork(draft, 'ready', deps.clock.now()).bodyHash) {
    throw new Refusal('key_reused', 'The Idempotency-Key belongs to another request with another body.');
  }
  if (item) return { item, replayed: true };
  if (!('_id' in target) || !(await orders.lineOf(target, draft._id))) return undefined;
  return { ...(await accept(draft, { ...deps, work })), replayed: true };
}

/**
 * From a request to one work item. The workflow is asked whether it would refuse; only what it would carry out is
 * accepted. A request that was accepted before is answered as that one, even where the rule would refuse it by now.
 */

import type { Actor, Cause } from '../../kernel/actor.ts';
import { Refusal } from '../../kernel/errors.ts';
import { orderIdOf } from '../../kernel/ids.ts';
import type { WorkDraft } from '../../kernel/work.ts';
import type { Order } from '../../models/order.ts';
import type { Acceptance } from '../../queues/accept.ts';
import { run } from '../../workflows/engine/run.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { Dependencies } from '../context.ts';
import { acceptUnless, objectionOf } from './accept-work.ts';

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
  const refusal = objection(asking, target, deps);
  const wasApplied = async () => '_id' in target && (await deps.models.orders.lineOf(target, draft._id)) !== undefined;
  return { ...(await acceptUnless(draft, { refusal, wasApplied }, deps)), order: draft.order ?? '' };
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
  return objectionOf(() => {
    if (expectedVersion !== undefined && order?.version !== expectedVersion) {
      throw new Refusal('version_changed', `The order is at version ${order?.version ?? 0}, not ${expectedVersion}.`);
    }
    run(order?.state, command, { actor, work, at: business.now(), ...(reason !== undefined && { reason }) });
  });
}

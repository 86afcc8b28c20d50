/** Whether an order still wants what an item was made for: items travel, and the order may have moved on meanwhile. */
import { Refusal } from '../../kernel/errors.ts';
import type { Order } from '../../models/order.ts';

interface Asked {
  stage?: string | undefined;
  round?: number | undefined;
  /** Which asking outside. */
  asked?: string | undefined;
}

/** Throws `superseded` when the order is closed, or its stage is over or in another round. */
export function mustStillAsk({ _id, state }: Order, { stage: key, round, asked }: Asked): void {
  if (state.status === 'completed' || state.status === 'cancelled') {
    throw new Refusal('superseded', `Order ${_id} is ${state.status}.`);
  }
  if (key === undefined) return;
  const stage = state.stages.find((candidate) => candidate.key === key);
  if (!stage || (round !== undefined && stage.round !== round)) {
    throw new Refusal('superseded', `Stage "${key}" of order ${_id} is in round ${stage?.round ?? 0} by now.`);
  }
  if (asked !== undefined && stage.asked !== undefined && stage.asked !== asked) {
    throw new Refusal('superseded', `Stage "${key}" of order ${_id} was asked for anew.`);
  }
  if (['locked', 'done', 'skipped'].includes(stage.status)) {
    throw new Refusal('superseded', `Stage "${key}" of order ${_id} is ${stage.status} by now.`);
  }
}

/** Whether an order still wants what an item was made for: items travel, and the order may have moved on meanwhile. */
import { Refusal } from '../../kernel/errors.ts';
import type { Order } from '../../models/order.ts';
import { readerOf, sameMailbox } from '../../workflows/gates/reader.ts';
import { stageOf } from '../../workflows/graph/paths.ts';
import { workflowFor } from '../../workflows/index.ts';
import type { Person } from '../../workflows/words/effects.ts';
import { calledOnce } from '../../workflows/words/state.ts';

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

/** What was asked under the name that its stage had then, under the name that it has now. */
export function renamed<A extends { stage?: string | undefined }>({ state }: Order, asked: A): A {
  const stage = asked.stage === undefined ? undefined : calledOnce(state, asked.stage)?.key;
  return stage === undefined ? asked : { ...asked, stage };
}

/** Throws `superseded` when the page of the stage is meant for somebody else by now, or for another address of theirs. */
export function mustStillBeFor(
  { state }: Order,
  { stage: key, recipient }: { stage: string; recipient: Person },
): void {
  const current = calledOnce(state, key);
  if (!current?.reader) return;
  const stage = stageOf(workflowFor(state.product, state.workflowVersion), current.key);
  const reader = readerOf(stage, state, current);
  if (!reader || sameMailbox(reader, recipient)) return;
  throw new Refusal('superseded', 'The page is meant for another recipient by now.');
}

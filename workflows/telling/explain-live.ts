/** What is told of a live order: whether what was done still holds, as far as is known. */
import type { Words } from '../gates/gate.ts';
import { stageOf } from '../graph/paths.ts';
import { workflowFor } from '../index.ts';
import { shortcomings } from '../words/looks.ts';
import type { OrderState } from '../words/state.ts';

/** What was done and was missing when it was looked at is only believed lost when it is missing again. */
export function liveWords(state: OrderState): Words {
  const missed = state.stages.find(({ status, check }) => status === 'done' && check?.missedAt);
  if (!missed) return { blocker: 'Nothing. The order is live.', unblock: 'Complete it when the service ends.' };
  const { title } = stageOf(workflowFor(state.product, state.workflowVersion), missed.key);
  return {
    blocker: `Nothing yet: the order is live, but "${title}" may not hold any more. ${shortcomings(missed.check?.looked ?? [])}`,
    unblock: 'Fix the problem. A second check decides whether the order goes back.',
  };
}

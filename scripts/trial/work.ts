/**
 * What staff do with an order: look at it, and do whatever each of its open stages asks of them, until it is live. What
 * asks for the client is left to the client.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { isAccepted, type OrderView, type Staff, type StageView, told } from './staff.ts';

export interface Team {
  /** Does the work. */
  doer: Staff;
  /** Looks over it: nobody passes a check on their own work. */
  checker: Staff;
  say: (line: string) => void;
}

const pause = 300;

export interface Task {
  id: string;
  /** Where the order is meant to stay: live, or with a client who does not answer (again). */
  ends: string;
}

/** The order as it is in the end: where it is meant to be, or wherever it was when the time was up. */
export async function workOn({ id, ends }: Task, team: Team, patience: number): Promise<OrderView> {
  const deadline = performance.now() + patience;
  const begun = new Set<string>();
  for (;;) {
    const order = await team.doer.order(id);
    if (isWhere(order, ends) || performance.now() > deadline) return order;
    let hasActed = false;
    for (const stage of order.stages) {
      const asked = `${stage.key} ${stage.round} ${stage.status}`;
      if (begun.has(asked) || !(await actOn({ order, stage, ends }, team))) continue;
      begun.add(asked);
      hasActed = true;
    }
    if (!hasActed) await delay(pause);
  }
}

function isWhere({ status, onboarding, stages }: OrderView, ends: string): boolean {
  if (ends === 'waiting') return onboarding === 'sent';
  if (ends === 'needs_revision') return onboarding === 'needs_revision' && stages.some(({ round }) => round > 1);
  return status === 'live';
}

interface Occasion {
  order: OrderView;
  stage: StageView;
  ends: string;
}

/** True when the act was accepted. One that is refused is tried again: the order may have moved meanwhile. */
async function actOn({ order, stage, ends }: Occasion, { doer, checker, say }: Team): Promise<boolean> {
  const act = stage.gate === 'form' ? review(stage, ends) : actFor(order, stage);
  if (!act) return false;

  const member = stage.gate === 'qa' ? checker : doer;
  const once = `demo-${order.id}-${stage.key}-${stage.round}-${act.action}`;
  const answer = await member.move(order.id, { once, body: { stage: stage.key, ...act } });
  if (!isAccepted(answer)) say(`refused  ${order.title}, ${stage.key}: ${told(answer)}`);
  return isAccepted(answer);
}

function review({ status }: StageView, ends: string) {
  if (status !== 'in_review') return undefined;
  if (ends !== 'needs_revision') return { action: 'review', decision: 'approve' };
  const reason = 'The named approver has left the company; please name another.';
  return { action: 'review', decision: 'revise', fields: [{ field: 'approver', reason }], reason };
}

function actFor({ product }: OrderView, { key, gate, status }: StageView) {
  if (gate === 'approval' || ['locked', 'done', 'skipped', 'failed'].includes(status)) return undefined;

  const stage = workflowFor(product).stages.find((candidate) => candidate.key === key);
  return stage?.exit && !stage.finds ? { action: 'complete', data: exampleOf(stage) } : undefined;
}

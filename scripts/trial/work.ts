/**
 * What staff do with an order when it is their turn: look at it, and do once whatever each of its open stages asks of
 * them. What asks for the client, a vendor or the system is left to these.
 */

import type { Stage } from '../../workflows/graph/workflow.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { inTheWordsOf } from './company.ts';
import type { Part } from './part.ts';
import { isAccepted, type OrderView, type Staff, type StageView, told } from './staff.ts';
import { isServed } from './vendor.ts';

export interface Team {
  /** Decides what only an Order Admin may. */
  admin: Staff;
  /** Does the work. */
  doer: Staff;
  /** Looks over it: nobody passes a check on their own work. */
  checker: Staff;
  say: (line: string) => void;
}

interface Act {
  by: 'admin' | 'doer' | 'checker';
  asked: Record<string, unknown> & { action: string };
  /** What is told of it: most acts go without saying. */
  says?: string;
}

export async function workOn(part: Part, team: Team): Promise<void> {
  if (part.id === undefined) return;
  const order = await team.doer.order(part.id);
  if (order.status === 'paused') return;
  if (isLeftLying(part, order)) return;
  for (const stage of order.stages) {
    for (const act of actsOn(stage, order, part)) await carryOut(act, { order, stage }, team);
  }
}

/** The first work of a late order is begun only when its budget is used up, and more. */
function isLeftLying(part: Part, { product, stages }: OrderView): boolean {
  const at = part.order.story === 'late' && stages.find(({ gate, status }) => gate === 'work' && status === 'ready');
  const budget = at && workflowFor(product).stages.find(({ key }) => key === at.key)?.budget;
  if (!budget || part.idle > 2 * budget + 2) return false;
  part.idle += 1;
  return true;
}

/** One that is refused is told, and tried again next time if it is still called for. */
async function carryOut(
  { by, asked, says }: Act,
  { order, stage }: { order: OrderView; stage: StageView },
  { say, ...team }: Team,
): Promise<void> {
  const once = `demo-${order.id}-${stage.key}-${stage.round}-${asked.action}`;
  const answer = await team[by].move(order.id, { once, body: { stage: stage.key, ...asked } });
  if (!isAccepted(answer)) say(`refused  ${order.title}, ${stage.key}: ${told(answer)}`);
  else if (says) say(`staff    ${order.title}: ${says}`);
}

function actsOn(stage: StageView, { product }: OrderView, part: Part): Act[] {
  const declared = workflowFor(product).stages.find(({ key }) => key === stage.key);
  if (!declared || ['locked', 'done', 'skipped', 'failed'].includes(stage.status)) return [];
  switch (declared.gate) {
    case 'form':
      return stage.status === 'in_review' ? [review(part)] : [];
    case 'approval':
      return stage.waitingFor === 'approval-expired' && part.why !== undefined ? [askAgain(part)] : [];
    case 'external':
      return isServed(product, stage.key) ? [] : [complete(declared, part)];
    case 'access':
    case 'auto':
    case 'qa':
    case 'work':
      return stage.waitingFor === 'fact' || declared.check || declared.finds ? [] : work(declared, stage, part);
  }
}

function review({ order }: Part): Act {
  if (order.ends !== 'needs_revision') return { by: 'doer', asked: { action: 'review', decision: 'approve' } };
  const reason = 'The named approver has left the company; please name another.';
  const fields = [{ field: 'approver', reason }];
  return { by: 'doer', asked: { action: 'review', decision: 'revise', fields, reason } };
}

function askAgain(part: Part): Act {
  part.askedAgain = true;
  const asked = { action: 'request-approval', reason: 'The client was on holiday, and is back.' };
  return { by: 'doer', asked, says: 'asked for the approval once more' };
}

function work(declared: Stage, { gate, round, status }: StageView, part: Part): Act[] {
  const { order } = part;
  const { key, backTo } = declared;
  const [to] = backTo;
  if (order.story === 'sent_back' && gate === 'qa' && round === 1 && to) {
    const reason = 'One address leads to the wrong page.';
    return [
      { by: 'checker', asked: { action: 'back', to, reason }, says: `sent back to "${to}" by the second person` },
    ];
  }
  if (order.story === 'override' && key === 'brand_kit') {
    const reason = 'The agency keeps this brand kit already.';
    const asked = { action: 'override', override: 'skip', reason };
    return [{ by: 'admin', asked, says: `"${key}" skipped by an Order Admin, with a reason` }];
  }
  const by = gate === 'qa' ? 'checker' : 'doer';
  const begins = (gate === 'work' || gate === 'qa') && status === 'ready';
  return [...(begins ? [{ by, asked: { action: 'begin' } } as const] : []), { ...complete(declared, part), by }];
}

const complete = (declared: Stage, part: Part): Act => ({
  by: 'doer',
  asked: { action: 'complete', data: inTheWordsOf(part.order, exampleOf(declared)) },
});

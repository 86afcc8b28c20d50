/**
 * What an open stage asks for once more where nobody heard what came for it: links and approvals that are not recorded, and
 * checks. A vendor is not asked twice: whether the work was done, a person finds out, or a late answer says.
 */

import { entered } from '../engine/follow.ts';
import type { Stage } from '../graph/workflow.ts';
import type { Happening } from '../words/events.ts';
import { isOpen, type OrderState, type StageState } from '../words/state.ts';
import { askedFor } from './ask-check.ts';

const unheard = 'An answer that came while nobody listened was not heard. Ask whether it was done.';

/** Whether anything may come for it: what is done may be looked at again. */
export const isExpecting = (is: StageState): boolean => isOpen(is) || is.check?.isUnderway === true;

/** A recorded link or approval was sent before; one on its way may come twice, which is better than never. */
export function askedAnew(state: OrderState, stage: Stage, is: StageState): Happening[] {
  const { key, round, link, approval, check } = is;
  const { waitingFor } = is.blocked?.was ?? is;
  if (waitingFor === 'answer') return [{ event: { type: 'outcome-unknown', stage: key, round }, note: unheard }];
  if (waitingFor === 'form' && !link) return [{ event: { type: 'link-requested', stage: key, round } }];
  if (waitingFor === 'approval' && !approval && !is.blocked) return [{ event: entered(state, stage, round + 1) }];
  return check?.isUnderway ? [{ event: askedFor(key, is, check.tries) }] : [];
}

/**
 * What an open stage asks for once more where nobody heard what came for it: links and approvals that are not recorded, and
 * checks. A vendor is not asked twice: whether the work was done, a person finds out, or a late answer says.
 */

import { entered } from '../engine/follow.ts';
import type { Scene } from '../engine/scene.ts';
import type { Stage } from '../graph/workflow.ts';
import type { Happening } from '../words/events.ts';
import { isOpen, type StageState, stateOf } from '../words/state.ts';
import { askedFor } from './ask-check.ts';

/** Whether anything may come for it: what is done may be looked at again. */
export const isExpecting = (current: StageState): boolean => isOpen(current) || current.check?.isUnderway === true;

/** A recorded link or approval was sent before; one on its way may come twice, which is better than never. */
export function askedAnew(order: Pick<Scene, 'workflow' | 'state'>, stage: Stage): Happening[] {
  const current = stateOf(order.state, stage.key);
  const asked = stage.gateRules.onUndo?.(current);
  if (asked === 'new_round') return [{ event: entered(order, stage, current.round + 1) }];
  if (asked) return [asked];
  return current.check?.isUnderway ? [{ event: askedFor(stage.key, current, current.check.tries) }] : [];
}

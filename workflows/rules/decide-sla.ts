/** Rules of the budget: giving a stage more days or fewer, and looking when the timer of the budget rings. */
import { Refusal } from '../../kernel/errors.ts';
import type { Scene } from '../engine/scene.ts';
import { nextRung, rungs } from '../time/timers.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { isOver } from '../words/state.ts';
import { lookAt, requireReason } from './guards.ts';

export function reschedule(scene: Scene, { stage: key, days }: Command<'reschedule'>): Happening[] {
  const note = requireReason(scene.asked, 'reschedule a stage');
  const { current } = lookAt(scene, key);
  if (isOver(current)) throw new Refusal('stage_finished', `Stage "${key}" is ${current.status} already.`);
  return [{ event: { type: 'stage-rescheduled', stage: key, round: current.round, days }, note }];
}

/** The timer may ring early, when the ball was not ours for a while: then it is only set anew. */
export function checkSla({ workflow, state, asked }: Scene): Happening[] {
  const reached = state.stages.flatMap((stage) => {
    const at = nextRung(workflow, state, stage);
    const rung = stage.clock?.rung ?? 0;
    const type = rungs[rung];
    if (!at || !type || at > asked.at) return [];
    return [{ event: { type, stage: stage.key, round: stage.round, rung: rung + 1 } }];
  });
  return reached.length > 0 ? reached : [{ event: { type: 'sla-checked' } }];
}

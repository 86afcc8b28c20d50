/**
 * Until when a stage waits for whom it has asked. The one place that says so: the timer that ends the waiting, reminders,
 * mails, pages and `explain` all read it, and what leads to a stage has no end of its own beside it.
 */
import { stageOf } from '../graph/paths.ts';
import type { Workflow } from '../graph/workflow.ts';
import { isClosed, type OrderState, type StageState } from '../words/state.ts';
import { addBusiness, dayOf } from './business-time.ts';
import { calendarOf } from './clock.ts';

/**
 * Undefined where the stage waits until somebody acts, and while nothing of the order moves: a pause adds to it. Days that
 * are given to the stage by hand are given to whom it waits for; days that are taken from it are ours alone.
 */
export function deadlineOf(workflow: Workflow, state: OrderState, current: StageState): Date | undefined {
  const { gateRules, budget } = stageOf(workflow, current.key);
  const { expiry } = gateRules;
  if (state.status === 'paused' || isClosed(state) || current.status !== 'waiting') return undefined;
  if (!expiry || current.waitingFor !== expiry.whileWaitingFor) return undefined;
  const days = budget * expiry.budgets + Math.max(0, current.clock?.extra ?? 0);
  const calendar = calendarOf(state);
  return addBusiness(calendar, current.since ?? state.createdAt, days * dayOf(calendar));
}

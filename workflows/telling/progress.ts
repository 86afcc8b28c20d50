/** How far along an order is, in three levels of detail. Only `full` shows what the stages were left with. */
import { workflowFor } from '../index.ts';
import { isOver, type OrderState, type StageState } from '../words/state.ts';

export type Detail = 'summary' | 'stages' | 'full';

interface StageProgress extends Omit<StageState, 'data'> {
  title: string;
  budget: number;
  after: readonly string[];
  backTo: readonly string[];
  data?: Record<string, unknown>;
}

export interface Progress {
  product: string;
  tier: string;
  workflowVersion: number;
  status: OrderState['status'];
  onboarding: OrderState['onboarding'];
  stage?: string;
  done: number;
  total: number;
  percent: number;
  overrides: number;
  exceptions: number;
  stages?: StageProgress[];
}

export function progressOf(state: OrderState, detail: Detail): Progress {
  const { product, tier, workflowVersion, status, onboarding, stage, overrides, exceptions = 0 } = state;
  const done = state.stages.filter(isOver).length;
  const total = state.stages.length;
  const summary = { product, tier, workflowVersion, status, onboarding, stage, overrides, exceptions, done, total };
  const stages = detail === 'summary' ? undefined : stagesOf(state, detail === 'full');
  return { ...summary, percent: Math.floor((100 * done) / total), stages };
}

function stagesOf(state: OrderState, withData: boolean): StageProgress[] {
  const { stages } = workflowFor(state.product, state.workflowVersion);
  return state.stages.map(({ data, ...current }) => {
    const declared = stages.find(({ key }) => key === current.key);
    const { title = current.key, budget = 0, after = [], backTo = [] } = declared ?? {};
    return { ...current, title, budget, after, backTo, ...(withData ? { data } : {}) };
  });
}

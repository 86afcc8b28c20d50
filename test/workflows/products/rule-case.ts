/**
 * A rule of a product as a sentence, with the value just inside and the one just outside. What is not named is as in the
 * examples of the product file: a case says only what it is about.
 */
import { type FieldError, Refusal } from '../../../kernel/errors.ts';
import { hashOf } from '../../../kernel/ids.ts';
import { run } from '../../../workflows/engine/run.ts';
import type { Data } from '../../../workflows/graph/stage.ts';
import type { Stage } from '../../../workflows/graph/workflow.ts';
import { workflowFor } from '../../../workflows/index.ts';
import { exampleOf } from '../../../workflows/products/exit.ts';
import { leaveWith } from '../../../workflows/rules/guards.ts';
import { type OrderState, stateOf } from '../../../workflows/words/state.ts';
import { anOrder, asking, checker, client, doer, walk } from '../../support/given.ts';

export interface RuleCase {
  stage: string;
  says: string;
  tier?: string;
  options?: Data;
  /** Fields of earlier stages. */
  earlier?: Record<string, Data>;
  inside: Data;
  outside: Data;
  /** Each as `pointer rule`. */
  refused: string | readonly string[];
}

export function stageFor(product: string, key: string): Stage {
  const found = workflowFor(product).stages.find((stage) => stage.key === key);
  if (!found) throw new Error(`${product} has no stage "${key}".`);
  return found;
}

/** The order when `stage` is its turn. */
export function orderAt(product: string, { stage, tier, options, earlier = {} }: Omit<RuleCase, 'says'>): OrderState {
  const order = walk(anOrder(product, { tier, options }), stage);
  const stages = order.stages.map((current) =>
    earlier[current.key] ? { ...current, data: { ...current.data, ...earlier[current.key] } } : current,
  );
  return { ...order, stages };
}

export const dataOf = (product: string, { stage }: RuleCase, fields: Data): Data => ({
  ...exampleOf(stageFor(product, stage)),
  ...fields,
});

/** What is wrong with leaving the stage with `data`: nothing when it may be left so. Pointers are those of `data`. */
export function errorsOf(product: string, one: RuleCase, fields: Data): FieldError[] {
  const order = orderAt(product, one);
  const stage = stageFor(product, one.stage);
  try {
    leave(order, stage, dataOf(product, one, fields));
    return [];
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'exit_data_invalid') throw error;
    return error.errors.map((field) => ({ ...field, pointer: field.pointer.replace(/^\/(data|answers)/, '') }));
  }
}

function leave(order: OrderState, stage: Stage, data: Data): void {
  const { key, gate } = stage;
  const current = stateOf(order, key);
  if (stage.finds) {
    leaveWith({ stage, current }, order, { data, under: '/data' });
  } else if (gate === 'form') {
    const submitted = { link: 'link-1', response: 'response-1', hash: hashOf(data), answers: data };
    run(order, { type: 'submit-form', stage: key, round: current.round, ...submitted }, asking(client));
  } else {
    run(order, { type: 'complete-stage', stage: key, data }, asking(gate === 'qa' ? checker : doer));
  }
}

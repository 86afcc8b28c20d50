/** Questions about the graph of stages: what comes before a stage, what depends on it, and the stage of a name. */
import { Refusal } from '../../kernel/errors.ts';
import { oneOf } from '../words/messages.ts';
import type { Declared } from './stage.ts';
import type { Stage, Workflow } from './workflow.ts';

/** Every stage that must be over before `key` can begin, nearest or not. A cycle ends where it meets itself. */
export function ancestorsOf(stages: readonly Declared[], key: string): Set<string> {
  const found = new Set<string>();
  const open = [...(stages.find((stage) => stage.key === key)?.after ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(stages.find((stage) => stage.key === next)?.after ?? []));
  }
  return found;
}

/** Every stage that depends on `key`. */
export function descendantsOf(stages: readonly Declared[], key: string): string[] {
  return stages.filter((stage) => ancestorsOf(stages, stage.key).has(key)).map((stage) => stage.key);
}

export function stageOf(workflow: Workflow, key: string, pointer = '/stage'): Stage {
  const stage = workflow.stages.find((candidate) => candidate.key === key);
  if (stage) return stage;
  const message = `The stages of ${workflow.product} are: ${oneOf(workflow.stages.map((known) => known.key))}.`;
  throw new Refusal('unknown_stage', `There is no stage "${key}". ${message}`, [
    { pointer, rule: 'unknown_stage', message },
  ]);
}

/** Turns a product file into a checked graph when it is loaded, so that a mistake never gets as far as an order. */
import type { Gate } from '../gates/gate.ts';
import { gates as allGates } from '../gates/index.ts';
import type { GateKind } from '../words/state.ts';
import { graphFaults } from './faults.ts';
import type { ProductFile, StageDefinition } from './stage.ts';
import type { Stage, Workflow } from './workflow.ts';

/** Throws when the graph is at fault, naming the stage. `gates` are those that the stages may have. */
export function defineWorkflow<Name extends string>(
  file: ProductFile<Name>,
  gates: Readonly<Record<GateKind, Gate>> = allGates,
): Workflow {
  const stages = stagesOf(file.stages, gates);
  const faults = graphFaults(stages);
  if (faults.length > 0) throw new Error(`The workflow of ${file.product} is invalid. ${faults.join(' ')}`);
  return { ...file, stages };
}

function stagesOf(definitions: Record<string, StageDefinition>, gates: Readonly<Record<GateKind, Gate>>): Stage[] {
  const keys = Object.keys(definitions);
  return Object.entries(definitions).map(([key, stage], index) => ({
    ...stage,
    key,
    gateRules: gates[stage.gate],
    after: stage.after ?? keys.slice(Math.max(0, index - 1), index),
    backTo: stage.backTo ?? [],
    shows: stage.shows ?? [],
    rules: stage.rules ?? [],
  }));
}

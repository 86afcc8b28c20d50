/** Turns a product file into a checked graph when it is loaded, so that a mistake never gets as far as an order. */
import { graphFaults } from './faults.ts';
import type { ProductFile, Stage, StageDefinition, Workflow } from './workflow.ts';

/** Throws when the graph is at fault, naming the stage. */
export function defineWorkflow<Name extends string>(file: ProductFile<Name>): Workflow {
  const stages = stagesOf(file.stages);
  const faults = graphFaults(stages);
  if (faults.length > 0) throw new Error(`The workflow of ${file.product} is at fault. ${faults.join(' ')}`);
  return { ...file, stages };
}

function stagesOf(definitions: Record<string, StageDefinition>): Stage[] {
  const keys = Object.keys(definitions);
  return Object.entries(definitions).map(([key, stage], index) => ({
    ...stage,
    key,
    after: stage.after ?? keys.slice(Math.max(0, index - 1), index),
    backTo: stage.backTo ?? [],
    shows: stage.shows ?? [],
    rules: stage.rules ?? [],
  }));
}

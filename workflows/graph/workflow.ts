/** What a loaded workflow is: the product file with its defaults filled in, each stage with the rules of its gate. */
import type { Gate } from '../gates/gate.ts';
import type { Declared, ProductFile } from './stage.ts';

export interface Stage extends Declared {
  gateRules: Gate;
}

export interface Workflow extends Omit<ProductFile<string>, 'stages'> {
  stages: readonly Stage[];
}

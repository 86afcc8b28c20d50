/** Every look that an order of any product asks for when each of its stages is left with its example. */

import type { Workflow } from '../../workflows/graph/workflow.ts';
import { products } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { looksAt } from '../../workflows/rules/ask-check.ts';
import type { Look } from '../../workflows/words/looks.ts';
import type { OrderState } from '../../workflows/words/state.ts';

export function looksOfExamples(): Look[] {
  return Object.values(products)
    .flat()
    .flatMap((workflow) => {
      const order = finished(workflow);
      return workflow.stages.flatMap((stage) => looksAt(stage, order, exampleOf(stage)));
    });
}

function finished({ product, version, tiers, stages }: Workflow): OrderState {
  const never = new Date(0);
  return {
    ...{
      product,
      workflowVersion: version,
      tier: tiers.at(-1) ?? '',
      options: {},
      source: 'manual',
      title: 'An example',
    },
    ...{ client: { name: '', email: '' }, status: 'live', onboarding: 'approved', overrides: 0 },
    stages: stages.map((stage) => ({
      ...{ key: stage.key, gate: stage.gate, status: 'done', round: 1, data: parsed(stage) },
    })),
    ...{ createdAt: never, lastActivityAt: never },
  };
}

const parsed = (stage: Workflow['stages'][number]) => stage.exit?.safeParse(exampleOf(stage)).data ?? {};

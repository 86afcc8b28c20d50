/** A product with a payment in it, put among those that are sold for as long as a test file needs it. */
import { z } from 'zod';
import type { Gate } from '../../../workflows/gates/gate.ts';
import { gates } from '../../../workflows/gates/index.ts';
import { defineWorkflow } from '../../../workflows/graph/define.ts';
import type { StageDefinition } from '../../../workflows/graph/stage.ts';
import type { Workflow } from '../../../workflows/graph/workflow.ts';
import { products } from '../../../workflows/index.ts';
import { leaves } from '../../../workflows/products/exit.ts';
import type { GateKind } from '../../../workflows/words/state.ts';
import { isDeposit, payment } from './payment.ts';

/** A name that the product's own list of gates doesn't have. */
const kind = 'payment' as GateKind;
const withPayment: Record<GateKind, Gate> = { ...gates, [kind]: payment };

export const deposit: StageDefinition<never> = {
  title: 'Deposit',
  gate: kind,
  exit: leaves({ amount: z.int(), reference: z.string().min(1) }, { amount: 5_000, reference: 'bank-17' }),
  rules: [isDeposit],
  budget: 3,
};

export function shopWith(stage: StageDefinition<never>, version = 1): Workflow {
  const done = leaves({ done: z.literal(true) }, { done: true });
  return defineWorkflow(
    {
      product: 'shop',
      title: 'Shop',
      version,
      managed: false,
      tiers: ['standard'],
      options: z.strictObject({ deposit: z.int().default(5_000) }),
      stages: {
        intake: { title: 'Intake', gate: 'form', exit: done, budget: 2 },
        deposit: stage,
        build: { title: 'Build', gate: 'work', exit: done, budget: 2, backTo: ['intake'] },
        live: { title: 'Live', gate: 'auto', check: () => [], budget: 1 },
      },
    },
    withPayment,
  );
}

const sold = products as Record<string, readonly [Workflow, ...Workflow[]]>;

export function sellShop(...versions: [Workflow, ...Workflow[]]): void {
  sold['shop'] = versions;
}

export function stopSelling(): void {
  delete sold['shop'];
}

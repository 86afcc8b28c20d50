/**
 * Golden histories: a walk that was recorded when a version of a workflow was published, with every event and every effect it led to.
 * They are never written again: an order that is pinned to that version must go on as it began. To record those of a
 * new version: `npx tsx test/support/golden.ts`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Actor } from '../../kernel/actor.ts';
import { hashOf } from '../../kernel/ids.ts';
import { run } from '../../workflows/engine/run.ts';
import type { Workflow } from '../../workflows/graph/workflow.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { checked } from './looks.ts';

export interface Golden {
  product: string;
  version: number;
  /** What the product file says, words for people apart: those may be put better. */
  declared: unknown;
  steps: { command: OrderCommand; actor: Actor; events: unknown[]; effects: unknown[] }[];
  /** Status and round of every stage at the end. */
  end: string[];
}

const folder = join(import.meta.dirname, '../workflows/golden');
const fileOf = ({ product, version }: Pick<Workflow, 'product' | 'version'>): string =>
  join(folder, `${product}-v${version}.json`);

export const readGolden = (workflow: Workflow): Golden => JSON.parse(readFileSync(fileOf(workflow), 'utf8'));

/** What every order tells and asks its account, whatever its version: no part of what a version means. */
const ofEveryVersion = ['recheck', 'record-milestone', 'attest-grant'];

/** Half an hour between any two commands, so that clocks and timers are part of the record. */
const at = (index: number): Date => new Date(Date.UTC(2026, 2, 2, 14, 30 * index));

/** The same commands again, with what they lead to now. */
export function replay({ product, version, steps }: Golden): Golden {
  let state: OrderState | undefined;
  const again = steps.map(({ command, actor }, index) => {
    const change = run(state, command, { actor, at: at(index), work: `golden-${index}`, reason: 'Recorded.' });
    state = change.state;
    const effects = change.effects.filter(({ type }) => !ofEveryVersion.includes(type));
    return { command, actor, events: change.events, effects };
  });
  const end = (state?.stages ?? []).map(({ key, status, round }) => `${key} ${status} ${round}`);
  const declared = declarationOf(workflowFor(product, version));
  return JSON.parse(JSON.stringify({ product, version, declared, steps: again, end }));
}

function declarationOf({ tiers, managed, options, stages }: Workflow) {
  const said = stages.map(
    ({ title: _title, gateRules: _rules, exit, needs, when, rules, looks, finds, check, ...stage }) => ({
      ...stage,
      when: when && { tiers: when.tiers, options: when.options },
      needs: needs?.map(({ missing: _missing, cure: _cure, ...need }) => need),
      rules: rules.length,
      ...{ looks: Boolean(looks), finds: Boolean(finds), check: Boolean(check) },
      exit: exit && shapeOf(exit),
    }),
  );
  return { tiers, managed, options: shapeOf(options), stages: said };
}

/** Fields, types, patterns and limits. */
function shapeOf(schema: z.ZodType): unknown {
  const override = ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
    delete jsonSchema['examples'];
    delete jsonSchema['description'];
  };
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override });
}

/** The happy path, with the first approval asking for changes once and the last check sending its stage back once. */
function record(workflow: Workflow): Golden {
  const { product, version, tiers } = workflow;
  const person = { name: 'Cleo', email: 'cleo@example.com' };
  const tier = tiers.at(-1) ?? '';
  const create = {
    type: 'create-order',
    product,
    tier,
    options: {},
    source: 'manual',
    title: 'Golden',
    client: person,
  } as const;
  const steps: Golden['steps'] = [{ command: create, actor: staff('admin'), events: [], effects: [] }];
  for (;;) {
    const state = endOf({ product, version, steps, end: [], declared: {} });
    if (!state.stage) return replay({ product, version, declared: {}, steps, end: [] });
    steps.push({ ...nextStep(workflow, state), events: [], effects: [] });
  }
}

function endOf(golden: Golden): OrderState {
  return golden.steps.reduce<OrderState | undefined>(
    (state, { command, actor }, index) =>
      run(state, command, { actor, at: at(index), work: `w${index}`, reason: 'Recorded.' }).state,
    undefined,
  ) as OrderState;
}

const staff = (id: string): Actor => ({ type: 'staff', id, role: 'order_admin' });
const client: Actor = { type: 'client', id: 'link' };

function nextStep(workflow: Workflow, state: OrderState): { command: OrderCommand; actor: Actor } {
  const is = stateOf(state, state.stage ?? '');
  const stage = workflow.stages.find(({ key }) => key === is.key);
  if (!stage) throw new Error(`No stage "${is.key}".`);
  const { key, round, hash = '', changes = 0 } = is;
  const data = exampleOf(stage);
  if (is.check?.isUnderway) return { command: checked(state, key), actor: { type: 'system', id: 'orderworks' } };
  const [back] = stage.backTo;
  if (is.status === 'in_review')
    return { command: { type: 'review-form', stage: key, decision: 'approve' }, actor: staff('reviewer') };
  if (stage.gate === 'form') {
    const sent = { link: `link-${round}`, response: `response-${round}`, hash: hashOf(data), answers: data };
    return { command: { type: 'submit-form', stage: key, round, ...sent }, actor: client };
  }
  if (stage.gate === 'approval') {
    const decision = changes === 0 && round === 1 ? 'changes' : 'approve';
    return {
      command: { type: 'decide-approval', stage: key, round, approval: `a-${round}`, hash, decision },
      actor: client,
    };
  }
  if (stage.gate === 'qa' && back && round === 1)
    return { command: { type: 'send-back', stage: key, to: back }, actor: staff('checker') };
  if (stage.check)
    return { command: { type: 'run-check', stage: key, round }, actor: { type: 'system', id: 'orderworks' } };
  return {
    command: { type: 'complete-stage', stage: key, data },
    actor: staff(stage.gate === 'qa' ? 'checker' : 'doer'),
  };
}

if (process.argv[1] === import.meta.filename) {
  for (const workflow of Object.values(products).flat()) {
    if (!existsSync(fileOf(workflow)))
      writeFileSync(fileOf(workflow), `${JSON.stringify(record(workflow), null, 2)}\n`);
  }
}

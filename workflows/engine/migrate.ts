/**
 * Moving an order that runs to another version of its workflow: a map of stages, a map of data, and what becomes of
 * open links, approvals and timers. Pure, so that it can be rehearsed over every order before any is changed. What is
 * done stays done; a link stays open, under its stage's new name too; an approval stays open only if it still shows the same.
 */

import { type FieldError, Refusal } from '../../kernel/errors.ts';
import type { Gate } from '../gates/gate.ts';
import { keptReader } from '../gates/reader.ts';
import { descendantsOf } from '../graph/paths.ts';
import type { Data } from '../graph/stage.ts';
import type { Stage, Workflow } from '../graph/workflow.ts';
import { products, workflowFor } from '../index.ts';
import { askedAnew, isExpecting } from '../rules/ask-anew.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { fieldErrors } from '../words/field-errors.ts';
import { inOurWords, oneOf } from '../words/messages.ts';
import { identityOf, isClosed, isOpen, isOver, type OrderState, type StageState, stateOf } from '../words/state.ts';
import { admit } from './decide.ts';
import type { CommandContext } from './scene.ts';
import { type Change, unfold } from './unfold.ts';

export interface MigrationPlan {
  from: Workflow;
  to: Workflow;
  /** Old stage to new; one that is not named keeps its name, null drops it. */
  stages?: Readonly<Record<string, string | null>>;
  /** New data of a done stage, by its new name. */
  data?: Readonly<Record<string, (data: Data) => Data>>;
  /** The work item that moves an order; absent in a rehearsal. */
  work?: string;
}

export interface Verdict {
  verdict: 'will_change' | 'no_op' | 'refused';
  why?: string;
  errors?: FieldError[];
  linksKept: number;
  approvalsKept: number;
  approvalsAskedAgain: number;
  change?: Change;
}

/** What the plan would do to one order. Nothing is changed until somebody commits `change`. */
export function migrate(plan: MigrationPlan, state: OrderState, at: Date): Verdict {
  if (state.workflowVersion === plan.to.version) return none('no_op', 'The order is already on that version.');
  if (state.workflowVersion !== plan.from.version) return none('refused', `The order is on ${state.workflowVersion}.`);
  if (isClosed(state)) return none('no_op', 'A closed order cannot change its version.');
  const dropped = state.stages.find((stage) => isOpen(stage) && !arrivesIn(plan, stage));
  if (dropped) return none('refused', `Stage "${dropped.key}" is open and the new version has no such stage. Map it.`);

  const stages = plan.to.stages.map((stage) => carried(plan, state, stage));
  const errors = plan.to.stages.flatMap((stage, index) => dataErrors(stage, stages[index]));
  if (errors.length > 0) return { ...none('refused', 'The new version requires different data.'), errors };
  return moved(plan, { state, stages, at });
}

/** The command that moves one order: what the plan says, or its refusal. To a closed order nothing happens. */
export function migrateOrder(
  state: OrderState,
  { version, stages }: Command<'migrate-order'>,
  asked: CommandContext,
): Change {
  if (!isClosed(state)) admit({ state, asked }, { type: 'migrate-order', version });
  const from = workflowFor(state.product, state.workflowVersion);
  const to = versionOf(state.product, version);
  return changeOf(migrate({ from, to, work: asked.work, ...(stages && { stages }) }, state, asked.at));
}

/** The change that a verdict allows. */
function changeOf({ verdict, why = '', errors = [], change }: Verdict): Change {
  if (change) return change;
  if (verdict === 'no_op') throw new Refusal('nothing_changed', why);
  throw new Refusal(errors.length > 0 ? 'exit_data_invalid' : 'migration_blocked', why, errors);
}

function versionOf(product: string, version: number): Workflow {
  const known = products[product] ?? [];
  const found = known.find((workflow) => workflow.version === version);
  if (found) return found;
  const message = `Use ${oneOf(known.map((workflow) => workflow.version))}.`;
  throw new Refusal('unknown_version', `The workflow of ${product} has no version ${version}. ${message}`, [
    { pointer: '/version', rule: 'not_offered', message },
  ]);
}

export interface Preview {
  will_change: number;
  no_op: number;
  refused: number;
  linksKept: number;
  approvalsKept: number;
  approvalsAskedAgain: number;
  /** How many were refused for each reason. */
  why: Record<string, number>;
}

/** The counts over many orders, before any is changed. */
export function preview(plan: MigrationPlan, states: readonly OrderState[], at: Date): Preview {
  const counts: Preview = {
    ...{ will_change: 0, no_op: 0, refused: 0, linksKept: 0, approvalsKept: 0, approvalsAskedAgain: 0, why: {} },
  };
  for (const state of states) {
    const { verdict, why, linksKept, approvalsKept, approvalsAskedAgain } = migrate(plan, state, at);
    counts[verdict] += 1;
    counts.linksKept += linksKept;
    counts.approvalsKept += approvalsKept;
    counts.approvalsAskedAgain += approvalsAskedAgain;
    if (verdict === 'refused' && why) counts.why[why] = (counts.why[why] ?? 0) + 1;
  }
  return counts;
}

const none = (verdict: Verdict['verdict'], why: string): Verdict => ({
  ...{ verdict, why, linksKept: 0, approvalsKept: 0, approvalsAskedAgain: 0 },
});

function arrivesIn({ to, stages = {} }: MigrationPlan, { key, gate }: StageState): Stage | undefined {
  const target = stages[key] === undefined ? key : stages[key];
  return to.stages.find((stage) => stage.key === target && stage.gate === gate);
}

/** The state of a new stage: that of the old one it continues, or one that has not begun. */
function carried(plan: MigrationPlan, state: OrderState, { key, gate }: Stage): StageState {
  const old = state.stages.find((stage) => arrivesIn(plan, stage)?.key === key);
  if (!old) return { key, gate, status: 'locked', round: 1 };
  const change = plan.data?.[key];
  const formerly = old.key === key ? old.formerly : [...(old.formerly ?? []), old.key];
  return { ...old, key, ...(formerly && { formerly }), data: old.data && change ? change(old.data) : old.data };
}

function dataErrors({ exit, gateRules, key }: Stage, current?: StageState): FieldError[] {
  if (!exit || gateRules.exit === 'own' || current?.status !== 'done' || !current.data) return [];
  const { error } = exit.safeParse(current.data, inOurWords);
  return error ? fieldErrors(error, `/stages/${key}/data`) : [];
}

function moved(
  plan: MigrationPlan,
  { state, stages, at }: { state: OrderState; stages: StageState[]; at: Date },
): Verdict {
  const passed = stages.map((stage) =>
    isPassed(plan.to, stages, stage) ? { ...stage, status: 'skipped' as const } : stage,
  );
  const mapped: OrderState = { ...state, workflowVersion: plan.to.version, stages: passed, ...postsIn(plan, state) };
  const waiting = plan.to.stages.filter(({ key }) => stateOf(mapped, key).status === 'waiting');
  const stale = waiting.filter((stage) => stage.gateRules.isStale?.(mapped, stage, stateOf(mapped, stage.key)));
  const staleKeys = stale.map(({ key }) => key);
  const asking = mapped.stages.map((stage) => (staleKeys.includes(stage.key) ? askAgain(stage, at) : stage));
  const after = { ...mapped, stages: asking };
  const kept = waiting.filter((stage) => !stale.includes(stage));
  const event = { type: 'order-migrated', from: plan.from.version, to: plan.to.version } as const;
  return {
    verdict: 'will_change',
    linksKept: kept.filter((stage) => isOn('link', stage) && stateOf(mapped, stage.key).link).length,
    approvalsKept: kept.filter((stage) => isOn('approval', stage)).length,
    approvalsAskedAgain: stale.filter((stage) => isOn('approval', stage)).length,
    change: unfold(plan.to, after, { first: [{ event }, ...renamed(plan, state, after)], at, work: plan.work }),
  };
}

const isOn = (page: NonNullable<Gate['page']>, { gateRules }: Stage): boolean => gateRules.page === page;

/** Whoever has a stage keeps it under its new name. */
function postsIn(plan: MigrationPlan, { assignments, stages }: OrderState): Pick<OrderState, 'assignments'> {
  const assigned = assignments?.map((post) => {
    const stage = stages.find(({ key }) => key === post.stage);
    return stage ? { ...post, stage: arrivesIn(plan, stage)?.key ?? stage.key } : post;
  });
  return assigned ? { assignments: assigned } : {};
}

/** What was asked under the old name of a stage is not heard any more. */
function renamed(plan: MigrationPlan, before: OrderState, after: OrderState): Happening[] {
  return before.stages.filter(isExpecting).flatMap((was) => {
    const stage = arrivesIn(plan, was);
    return stage && stage.key !== was.key ? askedAnew({ workflow: plan.to, state: after }, stage) : [];
  });
}

/** A new stage that the order is past already: something that depends on it is done or under way. */
function isPassed(to: Workflow, stages: readonly StageState[], { key, status }: StageState): boolean {
  if (status !== 'locked') return false;
  const later = descendantsOf(to.stages, key);
  return stages.some((stage) => later.includes(stage.key) && (isOver(stage) || isOpen(stage)));
}

/** Locked under a new round, so that it is entered, and asked for, at once. */
const askAgain = (was: StageState, at: Date): StageState => ({
  ...{ ...identityOf(was), ...keptReader(was), round: was.round + 1, data: was.data, changes: was.changes },
  ...{ status: 'locked', since: at },
});

/**
 * Facts from outside: an access that is granted, another order's milestone, whether the subscription is in good health.
 * They belong to the account and come to each order with a number; an older number than the one known says nothing.
 * A stage that needs a fact it does not have is blocked, even when it was open already, and goes on where it was.
 */
import { grantOfFact } from '../accounts/names.ts';
import type { Condition, Declared, Need } from '../graph/stage.ts';
import type { Stage, Workflow } from '../graph/workflow.ts';
import type { OrderEvent } from './events.ts';
import { isOpen, isOver, type OrderState, type StageState, stateOf } from './state.ts';

/** The account's subscription: while it is not active, every order of it stands still. */
export const subscriptionFact = 'subscription.active';

/** The needs of a stage that do not hold. What is assumed holds until the account says otherwise. */
export function missingFor(state: OrderState, { needs = [] }: Stage): Need[] {
  return needs
    .filter((need) => isAsked(need, state))
    .filter(({ fact, assumed = false }) => !(state.facts?.[fact]?.holds ?? assumed));
}

/** The accesses that the order needs at one stage or another, as facts. */
export function accessesOf({ stages }: { stages: readonly Declared[] }, state: OrderState): string[] {
  const needed = stages.flatMap(({ needs = [] }) => needs.filter((need) => isAsked(need, state)));
  return [...new Set(needed.map(({ fact }) => fact).filter((fact) => grantOfFact(fact) !== undefined))];
}

/** True once the account has said of each that it is there: nothing is assumed. */
export function hasEveryAccess(workflow: { stages: readonly Declared[] }, state: OrderState): boolean {
  const facts = accessesOf(workflow, state);
  return facts.length > 0 && facts.every((fact) => state.facts?.[fact]?.holds === true);
}

/** The facts that a workflow listens to, for whoever spreads them. */
export function factsOf({ stages }: Workflow): string[] {
  const needed = stages.flatMap(({ needs = [] }) => needs.map(({ fact }) => fact));
  return [...new Set([...needed, subscriptionFact])];
}

const isAsked = ({ when = {} }: Need, { options }: OrderState): boolean =>
  Object.entries(when).every(([name, value]) => options[name] === value);

export const isBlocked = ({ blocked }: StageState): boolean => blocked !== undefined;

/** A stage whose turn has come but whose facts have not, and one that has lost a fact while it was open. */
export function blockings(workflow: Workflow, state: OrderState): OrderEvent[] {
  return workflow.stages.flatMap((stage): OrderEvent[] => {
    const current = stateOf(state, stage.key);
    const [missing] = missingFor(state, stage);
    const facts = missing ? missingFor(state, stage).map(({ fact }) => fact) : [];
    if (missing && isTurn(state, stage, current) && !isSame(current.blocked?.facts, facts)) {
      return [{ type: 'stage-blocked', stage: stage.key, round: current.round, facts }];
    }
    return !missing && isBlocked(current) ? [{ type: 'stage-unblocked', stage: stage.key, round: current.round }] : [];
  });
}

function isTurn(state: OrderState, { after, when }: Stage, current: StageState): boolean {
  if (when && !applies(when, state)) return false;
  return isOpen(current) || (current.status === 'locked' && after.every((key) => isOver(stateOf(state, key))));
}

/** Whether a conditional stage is part of the order. */
export function applies({ tiers, options = {} }: Condition, state: OrderState): boolean {
  const tierFits = !tiers || tiers.includes(state.tier);
  return tierFits && Object.entries(options).every(([name, value]) => state.options[name] === value);
}

const isSame = (known: string[] | undefined, facts: string[]): boolean => known?.join() === facts.join();

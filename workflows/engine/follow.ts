/**
 * What follows by itself from a state: stages whose turn has come are entered or skipped, onboarding and order status
 * keep up. One thing at a time; the caller asks again until nothing follows. While an order is paused no stage is
 * entered, but what a client has sent in meanwhile still counts.
 */
import { system } from '../../kernel/actor.ts';
import { hashOf } from '../../kernel/ids.ts';
import { onboardingOf } from '../gates/form.ts';
import { isAskedElsewhere } from '../gates/reader.ts';
import type { Stage, Workflow } from '../graph/workflow.ts';
import { askedFor } from '../rules/ask-check.ts';
import type { Happening, OrderEvent } from '../words/events.ts';
import { applies, blockings, isBlocked } from '../words/facts.ts';
import {
  isClosed,
  isOpen,
  isOver,
  type OrderState,
  type OrderStatus,
  type StageState,
  stateOf,
} from '../words/state.ts';
import type { Scene } from './scene.ts';

export function follow(workflow: Workflow, state: OrderState): Happening[] {
  if (isClosed(state)) return [];
  const onboarding = onboardingOf(state);
  if (onboarding !== state.onboarding) return [{ event: { type: 'onboarding-changed', to: onboarding } }];
  if (state.status === 'paused') return [];

  const milestone = workflow.stages.find((candidate) => isNewlyMade(state, candidate));
  if (milestone?.makes) return [{ event: { type: 'milestone-reached', fact: milestone.makes } }];
  const [blocking] = blockings(workflow, state);
  if (blocking) return [{ event: blocking }];
  const [moved] = workflow.stages.flatMap((candidate) => gateEvents(workflow, state, candidate));
  if (moved) return [{ event: moved }];
  const misdirected = workflow.stages.find((candidate) => isMisdirected(state, candidate));
  if (misdirected) return [askedAnew({ workflow, state }, misdirected)];
  const stage = workflow.stages.find((candidate) => isNext(state, candidate));
  if (stage) return [enter(workflow, state, stage)];
  const [unseen] = workflow.stages.flatMap((candidate) => (candidate.finds ? unseenYet(state, candidate) : []));
  if (unseen) return [{ event: askedFor(unseen.key, unseen) }];
  const status = statusOf(workflow, state);
  return status === state.status ? [] : [{ event: { type: 'status-changed', from: state.status, to: status } }];
}

/** The event of entering a stage: who gets the ball, and what a decision on it is bound to. */
export function entered(
  order: Pick<Scene, 'workflow' | 'state'>,
  stage: Stage,
  round: number,
): Extract<OrderEvent, { type: 'stage-entered' }> {
  const { status, holder, waitingFor } = stage.gateRules.opening(order, stage);
  const hash = stage.gateRules.boundTo?.(order.state, stage);
  return { type: 'stage-entered', stage: stage.key, round, status, waitingFor, hash, holder };
}

/** What the page of a stage asks, once more: a link in its round, an approval under a new one. */
export function askedAnew(order: Pick<Scene, 'workflow' | 'state'>, stage: Stage): Happening {
  const { round } = stateOf(order.state, stage.key);
  return stage.gateRules.page === 'link'
    ? { event: { type: 'link-requested', stage: stage.key, round } }
    : { event: entered(order, stage, round + 1) };
}

/** It waits for an answer, or has waited in vain, of somebody whose address was corrected or whose part another has. */
function isMisdirected(state: OrderState, stage: Stage): boolean {
  const { answeredWhile, expiry } = stage.gateRules;
  const current = stateOf(state, stage.key);
  const { status, waitingFor } = current;
  const isAsking = waitingFor !== undefined && [answeredWhile, expiry?.turnsInto].includes(waitingFor);
  return status === 'waiting' && isAsking && !isBlocked(current) && isAskedElsewhere(stage, state, current);
}

function gateEvents(workflow: Workflow, state: OrderState, stage: Stage): OrderEvent[] {
  const current = stateOf(state, stage.key);
  if (!isOpen(current) || isBlocked(current)) return [];
  const end = endOf({ workflow, state }, stage);
  if (end) return [end];
  return stage.gateRules.follows?.({ workflow, state }, stage) ?? [];
}

/** The end of a stage that is over by what is known elsewhere. */
function endOf(order: { workflow: Workflow; state: OrderState }, stage: Stage): OrderEvent | undefined {
  const end = stage.gateRules.endsByItself?.(order, stage);
  const { round } = stateOf(order.state, stage.key);
  return end && { type: 'stage-completed', stage: stage.key, round, by: system.id, hash: end.hash };
}

function isNewlyMade(state: OrderState, { key, makes }: Stage): boolean {
  return makes !== undefined && stateOf(state, key).status === 'done' && !state.milestones?.includes(makes);
}

function isNext(state: OrderState, { key, after }: Stage): boolean {
  return stateOf(state, key).status === 'locked' && after.every((before) => isOver(stateOf(state, before)));
}

/** What the system leaves by itself is looked at as soon as it is its turn. */
function unseenYet(state: OrderState, { key }: Stage): StageState[] {
  const current = stateOf(state, key);
  return isOpen(current) && !current.blocked && !current.check ? [current] : [];
}

function enter(workflow: Workflow, state: OrderState, stage: Stage): Happening {
  const { round } = stateOf(state, stage.key);
  if (stage.when && !applies(stage.when, state)) {
    const event = { type: 'stage-skipped', stage: stage.key, round, why: 'condition' } as const;
    return { event, note: stage.when.otherwise };
  }
  const current = stateOf(state, stage.key);
  if (current.kept !== undefined && current.data) {
    const event = {
      type: 'stage-completed',
      stage: stage.key,
      round,
      by: current.kept,
      hash: hashOf(current.data),
    } as const;
    return { event, data: current.data };
  }
  return { event: endOf({ workflow, state }, stage) ?? entered({ workflow, state }, stage, round) };
}

function statusOf(workflow: Workflow, state: OrderState): OrderStatus {
  if (state.stages.every(isOver)) return 'live';
  if (hasNoSetup(workflow)) return 'created';
  return state.onboarding === 'approved' || state.onboarding === 'not_required' ? 'setup' : 'onboarding';
}

/** Products that are switched on rather than set up go from created to live. */
const hasNoSetup = ({ stages }: Workflow): boolean => stages.length === 1;

/** What an event asks for elsewhere. It reads the state after the event, so that stage and round are those in force. */

import type { Effect, Person } from './effects.ts';
import type { Happening } from './events.ts';
import { snapshotOf } from './follow.ts';
import { stageOf } from './graph.ts';
import { dataOf, type OrderState, type StageState, stateOf } from './state.ts';
import type { Stage, Workflow } from './workflow.ts';

export function effectsOf(workflow: Workflow, state: OrderState, { event, recipient, tracking }: Happening): Effect[] {
  switch (event.type) {
    case 'stage-entered':
      return openingEffects(state, stageOf(workflow, event.stage), recipient);
    case 'stage-unblocked':
      return unblockedEffects(state, stageOf(workflow, event.stage));
    case 'check-asked':
      return lookFor(stateOf(state, event.stage));
    case 'link-requested':
      return [{ ...linkFor(state, stageOf(workflow, event.stage), recipient), ...(tracking && { tracking }) }];
    case 'order-resumed':
      return workflow.stages.filter((stage) => stateOf(state, stage.key).status === 'ready').flatMap(checkOf(state));
    case 'milestone-reached':
      return [{ type: 'record-milestone', fact: event.fact }];
    case 'status-changed':
      return event.to === 'live' ? [tell(state, 'setup-complete', workflow)] : [];
    case 'order-cancelled':
      return [tell(state, 'order-cancelled', workflow)];
    default:
      return [];
  }
}

/** The one person who approves: named in a form, or else the client. */
export function approverOf(state: OrderState): Person {
  const named = state.stages.map(({ key }) => dataOf(state, key)?.['approver']).find(Boolean);
  return (named as Person | undefined) ?? state.client;
}

function openingEffects(state: OrderState, stage: Stage, recipient?: Person): Effect[] {
  if (stage.gate === 'form') return [linkFor(state, stage, recipient)];
  if (stage.gate === 'approval') return [requestFor(state, stage, recipient)];
  if (stage.gate === 'external')
    return [{ type: 'dispatch', stage: stage.key, round: stateOf(state, stage.key).round }];
  return checkOf(state)(stage);
}

/** What was under way when it was blocked was in vain: nobody took it in. */
function unblockedEffects(state: OrderState, stage: Stage): Effect[] {
  const is = stateOf(state, stage.key);
  return is.status === 'ready' ? checkOf(state)(stage) : lookFor(is);
}

function lookFor({ key: stage, round, check, blocked }: StageState): Effect[] {
  return check?.isUnderway && !blocked ? [{ type: 'check', stage, round, attempt: check.attempt }] : [];
}

function linkFor(state: OrderState, { key }: Stage, recipient = state.client): Effect {
  const { round, flags, note } = stateOf(state, key);
  return { type: 'issue-link', stage: key, round, recipient, form: key, revise: flags, note };
}

function requestFor(state: OrderState, stage: Stage, recipient = approverOf(state)): Effect {
  const { round, hash = '' } = stateOf(state, stage.key);
  return { type: 'request-approval', stage: stage.key, round, recipient, snapshot: snapshotOf(state, stage), hash };
}

function checkOf(state: OrderState): (stage: Stage) => Effect[] {
  return ({ key, check }) =>
    check ? [{ type: 'command', command: { type: 'run-check', stage: key, round: stateOf(state, key).round } }] : [];
}

function tell({ client, title }: OrderState, template: string, { title: product }: Workflow): Effect {
  return { type: 'notify', template, recipient: client, data: { client: client.name, product, order: title } };
}

/** What an event asks for elsewhere. It reads the state after the event, so that stage and round are those in force. */

import { linkFor } from '../gates/form.ts';
import type { OrderInWorkflow } from '../gates/gate.ts';
import { stageOf } from '../graph/paths.ts';
import type { Stage, Workflow } from '../graph/workflow.ts';
import { newlyLoaded } from '../rules/assignment.ts';
import { keepNotes } from '../rules/notes.ts';
import { alarmEdges } from '../telling/alarms.ts';
import type { Effect, Person } from '../words/effects.ts';
import type { Happening, OrderEvent } from '../words/events.ts';
import { type OrderState, type StageState, stateOf } from '../words/state.ts';
import { isMoved } from './restored.ts';

export function effectsOf(workflow: Workflow, state: OrderState, happening: Happening): Effect[] {
  const { event, recipient, tracking } = happening;
  switch (event.type) {
    case 'stage-entered':
      return entryEffects(state, stageOf(workflow, event.stage), recipient);
    case 'stage-completed':
      return completionEffects({ workflow, state }, stageOf(workflow, event.stage));
    case 'stage-unblocked':
      return unblockedEffects(state, stageOf(workflow, event.stage));
    case 'stage-retried':
      return reopened(event, happening.note);
    case 'check-asked':
      return lookFor(stateOf(state, event.stage));
    case 'link-requested':
      return [{ ...linkFor(state, stageOf(workflow, event.stage), recipient), ...(tracking && { tracking }) }];
    case 'order-resumed':
      return resumeEffects(workflow, state);
    case 'order-restored':
      return [
        ...(isMoved(event) ? resumeEffects(workflow, state) : []),
        ...(event.corrects ? [tell(state, 'cancellation-withdrawn', workflow)] : []),
      ];
    case 'reminder-due':
      return [reminderOf(event)];
    case 'sla-warned':
    case 'sla-breached':
    case 'sla-escalated':
      return [{ type: 'tell', template: event.type, to: 'manager', stage: event.stage, round: event.round }];
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

function reopened({ stage, round, dead }: Extract<OrderEvent, { type: 'stage-retried' }>, why?: string): Effect[] {
  return dead ? [{ type: 'reopen', stage, round, items: dead, ...(why && { why }) }] : [];
}

/** What a person must look at now, or need not any more; whoever carries more or less than before; and notes to keep. */
export function watchEffects(workflow: Workflow, before: OrderState | undefined, after: OrderState): Effect[] {
  const alerts = alarmEdges(workflow, before, after).map((name) => ({ type: 'alert' as const, ...name }));
  const weighed = newlyLoaded(before, after).map((staff) => ({ type: 'weigh' as const, staff }));
  return [...alerts, ...weighed, ...keepNotes(before, after)];
}

/** Each thing that is asked of the client has its own letter; those who look after them have one for all. */
function reminderOf({ stage, round, about, to, rung }: Extract<OrderEvent, { type: 'reminder-due' }>): Effect {
  const template = to === 'client' ? `reminder-${about}` : 'client-silent';
  return { type: 'tell', template, to, stage, round, about, rung };
}

function resumeEffects({ stages }: Workflow, state: OrderState): Effect[] {
  return stages.flatMap((stage) => readyEffects(state, stage));
}

const entryEffects = (state: OrderState, stage: Stage, recipient?: Person): Effect[] =>
  stage.gateRules.onEntry?.(state, stage, recipient) ?? [];

const completionEffects = (order: OrderInWorkflow, stage: Stage): Effect[] =>
  stage.gateRules.onCompletion?.(order, stage) ?? [];

const readyEffects = (state: OrderState, stage: Stage): Effect[] =>
  stateOf(state, stage.key).status === 'ready' ? (stage.gateRules.onResume?.(state, stage) ?? []) : [];

/** What was under way when it was blocked was in vain: nobody took it in. */
function unblockedEffects(state: OrderState, stage: Stage): Effect[] {
  const current = stateOf(state, stage.key);
  return current.status === 'ready' ? readyEffects(state, stage) : lookFor(current);
}

function lookFor({ key: stage, round, check, blocked }: StageState): Effect[] {
  return check?.isUnderway && !blocked ? [{ type: 'check', stage, round, attempt: check.attempt }] : [];
}

function tell({ client, title }: OrderState, template: string, { title: product }: Workflow): Effect {
  return { type: 'notify', template, recipient: client, data: { client: client.name, product, order: title } };
}

/**
 * The rules: what a command makes happen to an order, or why it may not. `decide` changes nothing and does nothing; it
 * is asked twice for each command, by the API before it accepts and by the worker before it commits.
 */
import { Refusal } from '../kernel/errors.ts';
import type { Command, OrderCommand } from './commands.ts';
import { decideApproval, expireApproval, grantRound, recordApproval, requestApproval } from './decide-approval.ts';
import { recheckStage, recordCheck } from './decide-check.ts';
import { issueLink, recordLink, reviewForm, submitForm } from './decide-form.ts';
import { cancel, clear, completeOrder, pause, recordFact, resume, updateOrder } from './decide-order.ts';
import { overrideStage, skipStage } from './decide-override.ts';
import { checkSla, reschedule } from './decide-sla.ts';
import { beginStage, completeStage, recordAnswer, runCheck, sendBack } from './decide-stage.ts';
import type { Happening } from './events.ts';
import type { Scene } from './scene.ts';
import { isClosed, type OrderState } from './state.ts';
import { expiryOf, lookOf } from './timers.ts';

/** What `command` makes happen, first to last. Throws a Refusal; never returns nothing. */
export function decide(scene: Scene, command: Exclude<OrderCommand, { type: 'create-order' }>): Happening[] {
  admit(scene, command);
  switch (command.type) {
    case 'begin-stage':
      return beginStage(scene, command);
    case 'complete-stage':
      return completeStage(scene, command);
    case 'send-back':
      return sendBack(scene, command);
    case 'skip-stage':
      return skipStage(scene, command);
    case 'override-stage':
      return overrideStage(scene, command);
    case 'run-check':
      return runCheck(scene, command);
    case 'recheck-stage':
      return recheckStage(scene, command);
    case 'record-check':
      return recordCheck(scene, command);
    case 'record-answer':
      return recordAnswer(scene, command);
    case 'issue-link':
      return issueLink(scene, command);
    case 'record-link':
      return recordLink(scene, command);
    case 'submit-form':
      return submitForm(scene, command);
    case 'review-form':
      return reviewForm(scene, command);
    case 'request-approval':
      return requestApproval(scene, command);
    case 'record-approval':
      return recordApproval(scene, command);
    case 'decide-approval':
      return decideApproval(scene, command);
    case 'expire-approval':
      return expireApproval(scene, command);
    case 'grant-round':
      return grantRound(scene, command);
    case 'update-order':
      return updateOrder(scene, command);
    case 'reschedule':
      return reschedule(scene, command);
    case 'check-sla':
      return checkSla(scene);
    case 'record-fact':
      return recordFact(scene, command);
    case 'pause':
      return pause(scene);
    case 'resume':
      return resume(scene);
    case 'complete-order':
      return completeOrder(scene);
    case 'cancel':
      return cancel(scene);
    case 'clear':
      return clear(scene);
  }
}

const ofClients: readonly string[] = ['submit-form', 'decide-approval'];
const ofTheSystem: readonly string[] = [
  'record-link',
  'record-approval',
  'run-check',
  'record-check',
  'record-answer',
  'expire-approval',
  'check-sla',
  'record-fact',
];
/** What a pause does not hold up: what clients send in, what is on its way to them, and what ends the pause. */
const duringPause: readonly string[] = [
  ...ofClients,
  'record-fact',
  'record-link',
  'record-approval',
  'record-answer',
  'record-check',
  'resume',
  'cancel',
  'clear',
  'update-order',
];

function admit({ state, asked }: Scene, command: OrderCommand): void {
  const { type } = command;
  const isSystems = ofTheSystem.includes(type) || asked.actor.type === 'system';
  if (asked.actor.type === 'client' && !ofClients.includes(type)) {
    throw new Refusal('forbidden', `A client may ${ofClients.join(' or ')}, not ${type}.`);
  }
  if (isClosed(state) && type !== 'clear') {
    throw new Refusal(isSystems ? 'superseded' : 'order_closed', `The order is ${state.status}.`);
  }
  if (state.status === 'paused' && !duringPause.includes(type)) {
    throw new Refusal(isSystems ? 'superseded' : 'order_paused', 'The order is paused; resume it first.');
  }
  if ('seq' in command && command.type !== 'record-fact' && command.seq !== undefined) requireRunning(state, command);
}

/** A timer that rings under an old number was set anew since, or is no longer wanted. */
function requireRunning(
  { timers }: OrderState,
  command: Command<'expire-approval' | 'check-sla' | 'recheck-stage'>,
): void {
  const name = timerOf(command);
  const timer = timers?.[name];
  if (timer?.at && timer.seq === command.seq) return;
  throw new Refusal('superseded', `Timer "${name}" was set anew or ended since it was number ${command.seq}.`);
}

function timerOf(command: Command<'expire-approval' | 'check-sla' | 'recheck-stage'>): string {
  if (command.type === 'check-sla') return 'sla';
  return command.type === 'recheck-stage' ? lookOf(command.stage) : expiryOf(command.stage);
}

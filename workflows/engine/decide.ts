/**
 * The rules: what a command makes happen to an order, or why it may not. `decide` changes nothing and does nothing; it
 * is asked twice for each command, by the API before it accepts and by the worker before it commits.
 */
import { Refusal } from '../../kernel/errors.ts';
import { assign } from '../rules/assignment.ts';
import { resolveOutcome, restartStage, retryStage } from '../rules/decide-again.ts';
import {
  decideApproval,
  delegateApproval,
  expireApproval,
  grantRound,
  recordApproval,
  requestApproval,
} from '../rules/decide-approval.ts';
import { recheckStage, recordCheck } from '../rules/decide-check.ts';
import { recordDelivery } from '../rules/decide-delivery.ts';
import { issueLink, recordLink, reviewForm, submitForm } from '../rules/decide-form.ts';
import { noteOrder, setDueDate, setPriority, tagOrder } from '../rules/decide-labels.ts';
import { cancel, clear, completeOrder, pause, recordFact, resume, updateOrder } from '../rules/decide-order.ts';
import { overrideStage, skipStage } from '../rules/decide-override.ts';
import { checkInactivity, remind } from '../rules/decide-reminder.ts';
import { renewPage } from '../rules/decide-renewal.ts';
import { restoreValues } from '../rules/decide-restore.ts';
import { checkSla, reschedule } from '../rules/decide-sla.ts';
import { beginStage, completeStage, recordAnswer, runCheck, sendBack } from '../rules/decide-stage.ts';
import { expiryOf, lookOf } from '../time/timers.ts';
import type { OrderCommand } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { isClosed, type OrderState, reminderOf } from '../words/state.ts';
import type { Scene } from './scene.ts';

/** Creating an order and moving it to another version have no one workflow to be decided in. */
export type DecidedCommand = Exclude<OrderCommand, { type: 'create-order' | 'migrate-order' }>;

/** What `command` makes happen, first to last. Throws a Refusal; never returns nothing. */
export function decide(scene: Scene, command: DecidedCommand): Happening[] {
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
    case 'retry-stage':
      return retryStage(scene, command);
    case 'restart-stage':
      return restartStage(scene, command);
    case 'resolve-outcome':
      return resolveOutcome(scene, command);
    case 'remind':
      return remind(scene, command);
    case 'run-check':
      return runCheck(scene, command);
    case 'recheck-stage':
      return recheckStage(scene, command);
    case 'record-check':
      return recordCheck(scene, command);
    case 'record-answer':
      return recordAnswer(scene, command);
    case 'record-delivery':
      return recordDelivery(scene, command);
    case 'issue-link':
      return issueLink(scene, command);
    case 'renew-page':
      return renewPage(scene, command);
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
    case 'delegate-approval':
      return delegateApproval(scene, command);
    case 'expire-approval':
      return expireApproval(scene, command);
    case 'grant-round':
      return grantRound(scene, command);
    case 'update-order':
      return updateOrder(scene, command);
    case 'reschedule':
      return reschedule(scene, command);
    case 'assign':
      return assign(scene, command);
    case 'check-sla':
      return checkSla(scene);
    case 'check-inactivity':
      return checkInactivity(scene);
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
    case 'restore-values':
      return restoreValues(scene, command);
    case 'tag-order':
      return tagOrder(scene, command);
    case 'note-order':
      return noteOrder(scene, command);
    case 'set-priority':
      return setPriority(scene, command);
    case 'set-due-date':
      return setDueDate(scene, command);
  }
}

const ofClients: readonly string[] = ['submit-form', 'decide-approval', 'delegate-approval', 'renew-page'];
const ofTheSystem: readonly string[] = [
  'record-link',
  'record-approval',
  'run-check',
  'record-check',
  'record-answer',
  'record-delivery',
  'expire-approval',
  'check-sla',
  'check-inactivity',
  'remind',
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
  'record-delivery',
  'resume',
  'cancel',
  'clear',
  'update-order',
  'assign',
  'migrate-order',
  'restore-values',
  'tag-order',
  'note-order',
  'set-priority',
  'set-due-date',
];
/** A closed order stays as it is, save that it is cleared, or that closing it is taken back. */
const whenClosed: readonly string[] = ['clear', 'restore-values'];

/** What holds for every command, whatever it is about. */
export function admit({ state, asked }: Pick<Scene, 'state' | 'asked'>, command: OrderCommand): void {
  const { type } = command;
  const isSystems = ofTheSystem.includes(type) || asked.actor.type === 'system';
  if (asked.actor.type === 'client' && !ofClients.includes(type)) {
    throw new Refusal('forbidden', `A client may ${ofClients.join(' or ')}, not ${type}.`);
  }
  if (isClosed(state) && !whenClosed.includes(type)) {
    throw new Refusal(isSystems ? 'superseded' : 'order_closed', `The order is ${state.status}.`);
  }
  if (state.status === 'paused' && !duringPause.includes(type)) {
    throw new Refusal(isSystems ? 'superseded' : 'order_paused', 'The order is paused; resume it first.');
  }
  const timer = timerOf(command);
  if (timer?.seq !== undefined) requireRunning(state, { name: timer.name, seq: timer.seq });
}

/** The timer that a command comes from, and under which number. */
function timerOf(command: OrderCommand): { name: string; seq: number | undefined } | undefined {
  switch (command.type) {
    case 'check-sla':
      return { name: 'sla', seq: command.seq };
    case 'check-inactivity':
      return { name: 'inactivity', seq: command.seq };
    case 'expire-approval':
      return { name: expiryOf(command.stage), seq: command.seq };
    case 'recheck-stage':
      return { name: lookOf(command.stage), seq: command.seq };
    case 'remind':
      return { name: reminderOf(command.stage), seq: command.seq };
    default:
      return undefined;
  }
}

/** A timer that rings under an old number was set anew since, or is no longer wanted. */
function requireRunning({ timers }: OrderState, { name, seq }: { name: string; seq: number }): void {
  const timer = timers?.[name];
  if (timer?.at && timer.seq === seq) return;
  throw new Refusal('superseded', `Timer "${name}" was set anew or ended since it was number ${seq}.`);
}

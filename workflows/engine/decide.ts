/**
 * The rules: what a command makes happen to an order, or why it may not. `decide` changes nothing and does nothing; it
 * is asked twice for each command, by the API before it accepts and by the worker before it commits.
 */
import { Refusal } from '../../kernel/errors.ts';
import { assign } from '../rules/assignment.ts';
import { resolveOutcome, restartStage, retryStage } from '../rules/decide-again.ts';
import { recordAnswer, reviewAnswer } from '../rules/decide-answer.ts';
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
import { decideException, requestException, revokeException } from '../rules/decide-exception.ts';
import { issueLink, recordLink, reviewForm, submitForm } from '../rules/decide-form.ts';
import { noteOrder, setDueDate, setPriority, tagOrder } from '../rules/decide-labels.ts';
import {
  cancel,
  clear,
  completeOrder,
  followContact,
  followPlace,
  pause,
  recordFact,
  resume,
  updateOrder,
} from '../rules/decide-order.ts';
import { overrideStage, skipStage } from '../rules/decide-override.ts';
import { checkInactivity, remind } from '../rules/decide-reminder.ts';
import { renewPage } from '../rules/decide-renewal.ts';
import { restoreValues, undoClosing } from '../rules/decide-restore.ts';
import { checkSla, reschedule } from '../rules/decide-sla.ts';
import { beginStage, completeStage, runCheck, sendBack } from '../rules/decide-stage.ts';
import { expiryOf, lookOf } from '../time/timers.ts';
import type { OrderCommand } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { isClosed, type OrderState, reminderOf } from '../words/state.ts';
import type { Scene } from './scene.ts';

/** Creating an order and moving it to another version have no one workflow to be decided in. */
export type DecidedCommand = Exclude<OrderCommand, { type: 'create-order' | 'migrate-order' }>;

/** Who decides each command; a command without one fails to compile. */
const deciders: { [T in DecidedCommand['type']]: (scene: Scene, command: CommandOf<T>) => Happening[] } = {
  'begin-stage': beginStage,
  'complete-stage': completeStage,
  'send-back': sendBack,
  'skip-stage': skipStage,
  'override-stage': overrideStage,
  'retry-stage': retryStage,
  'restart-stage': restartStage,
  'request-exception': requestException,
  'decide-exception': decideException,
  'revoke-exception': revokeException,
  'resolve-outcome': resolveOutcome,
  remind: remind,
  'run-check': runCheck,
  'recheck-stage': recheckStage,
  'record-check': recordCheck,
  'record-answer': recordAnswer,
  'review-answer': reviewAnswer,
  'record-delivery': recordDelivery,
  'issue-link': issueLink,
  'record-link': recordLink,
  'submit-form': submitForm,
  'review-form': reviewForm,
  'request-approval': requestApproval,
  'record-approval': recordApproval,
  'decide-approval': decideApproval,
  'delegate-approval': delegateApproval,
  'expire-approval': expireApproval,
  'grant-round': grantRound,
  'update-order': updateOrder,
  'follow-contact': followContact,
  'follow-place': followPlace,
  reschedule: reschedule,
  assign: assign,
  'check-sla': checkSla,
  'check-inactivity': checkInactivity,
  'record-fact': recordFact,
  pause: pause,
  resume: resume,
  'complete-order': completeOrder,
  cancel: cancel,
  clear: clear,
  'restore-values': restoreValues,
  'undo-closing': undoClosing,
  'tag-order': tagOrder,
  'note-order': noteOrder,
  'set-priority': setPriority,
  'set-due-date': setDueDate,
  'renew-page': renewPage,
};

type CommandOf<T extends DecidedCommand['type']> = Extract<DecidedCommand, { type: T }>;

/** What `command` makes happen, first to last. Throws a Refusal; never returns nothing. */
export function decide(scene: Scene, command: DecidedCommand): Happening[] {
  admit(scene, command);
  const decider = deciders[command.type] as (scene: Scene, command: DecidedCommand) => Happening[];
  return decider(scene, command);
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
  'follow-contact',
  'follow-place',
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
  'follow-contact',
  'follow-place',
  'assign',
  'migrate-order',
  'restore-values',
  'undo-closing',
  'tag-order',
  'note-order',
  'set-priority',
  'set-due-date',
];
/** A closed order stays as it is, save that it is cleared, or that closing it is taken back. */
const whenClosed: readonly string[] = ['clear', 'restore-values', 'undo-closing'];

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
  if (state.status === 'paused' && !duringPause.includes(type) && !isNaming(command)) {
    throw new Refusal(isSystems ? 'superseded' : 'order_paused', 'The order is paused; resume it first.');
  }
  const timer = timerOf(command);
  if (timer?.seq !== undefined) requireRunning(state, { name: timer.name, seq: timer.seq });
}

/** Who approves may be named at any time; they are asked when the order is resumed. */
const isNaming = (command: OrderCommand): boolean =>
  command.type === 'request-approval' && command.recipient !== undefined;

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

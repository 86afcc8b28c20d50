/**
 * What can be done to many orders at once. Each action is, for every single order, one of the commands that the single
 * route gives: same rule, same refusal, same line of history. What cannot be taken back is said here, in words.
 */

import { z } from 'zod';
import type { Refusal } from '../../kernel/errors.ts';
import { formMeant } from '../gates/form.ts';
import {
  assignOrder,
  beginStage,
  clearOrder,
  completeStage,
  labelCommands,
  migrateOrder,
  type OrderCommand,
} from '../words/commands.ts';
import { isClosed, type OrderState } from '../words/state.ts';

const stage = z.string().min(1).max(64);
const statuses = { paused: 'pause', active: 'resume', completed: 'complete-order', cancelled: 'cancel' } as const;

export const bulkAction = z.discriminatedUnion('type', [
  ...labelCommands,
  assignOrder,
  beginStage,
  completeStage,
  z.strictObject({ type: z.literal('move-stage'), stage }),
  z.strictObject({ type: z.literal('set-status'), status: z.enum(['paused', 'active', 'completed', 'cancelled']) }),
  z.strictObject({ type: z.literal('resend-link'), stage: stage.optional() }),
  z.strictObject({ type: z.literal('recheck-stage'), stage }),
  migrateOrder,
  clearOrder,
]);

export type BulkAction = z.output<typeof bulkAction>;

/** The command whose right the action takes. */
export function commandTypeOf(action: BulkAction): OrderCommand['type'] {
  switch (action.type) {
    case 'move-stage':
      return 'override-stage';
    case 'set-status':
      return statuses[action.status];
    case 'resend-link':
      return 'issue-link';
    default:
      return action.type;
  }
}

/** The command that the action is for an order in this state. */
export function commandFor(action: BulkAction, state: OrderState): OrderCommand {
  switch (action.type) {
    case 'move-stage':
      return { type: 'override-stage', stage: action.stage, action: 'move' };
    case 'set-status':
      return { type: statuses[action.status] };
    case 'resend-link':
      return { type: 'issue-link', stage: action.stage ?? formMeant(state, 'waiting') };
    default:
      return action;
  }
}

/** True when the refusal only says that the order is already as the action would have it. */
export function isAlreadySo(command: OrderCommand, state: OrderState, { code }: Refusal): boolean {
  if (code === 'nothing_changed') return true;
  const done = (key: string) => state.stages.find((current) => current.key === key)?.status === 'done';
  switch (command.type) {
    case 'pause':
      return code === 'order_paused';
    case 'resume':
      return code === 'order_not_paused' && !isClosed(state);
    case 'complete-order':
      return code === 'order_closed' && state.status === 'completed';
    case 'cancel':
      return code === 'order_closed' && state.status === 'cancelled';
    case 'clear':
      return code === 'order_closed';
    case 'begin-stage':
      return code === 'stage_begun';
    case 'complete-stage':
      return code === 'stage_finished' && done(command.stage);
    case 'override-stage':
      return code === 'stage_open';
    case 'recheck-stage':
      return code === 'stage_finished' && done(command.stage);
    default:
      return false;
  }
}

const stageMail = 'Emails sent when a stage opened, and requests sent to vendors, cannot be recalled.';

/** What an undo will not take back; `all` when there is no undo at all. */
export function lasting(action: BulkAction): { all: boolean; what: string[] } {
  switch (action.type) {
    case 'tag-order':
    case 'note-order':
    case 'set-priority':
    case 'set-due-date':
    case 'assign':
      return { all: false, what: [] };
    case 'begin-stage':
    case 'complete-stage':
    case 'move-stage':
      return { all: false, what: [stageMail] };
    case 'set-status':
      return { all: false, what: lastingStatus[action.status] };
    case 'clear':
      return { all: false, what: ['Emails that were withdrawn with the order are not sent again.'] };
    case 'resend-link':
      return { all: true, what: ['The links are emailed and cannot be recalled.'] };
    case 'recheck-stage':
      return { all: true, what: ['The result of a check stays. Send the stage back instead.'] };
    case 'migrate-order':
      return { all: true, what: ['A migration cannot be undone. Plan a migration back instead.'] };
  }
}

const lastingStatus = {
  paused: [],
  active: ['Checks and timers may have acted in the meantime.'],
  completed: [],
  cancelled: [
    'Every client is emailed that the order is cancelled. These emails cannot be recalled; an undo emails that the order continues.',
  ],
} as const satisfies Record<keyof typeof statuses, string[]>;

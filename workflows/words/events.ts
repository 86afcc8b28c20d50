/**
 * What can happen to an order. Events go into the audit and stay there, so they name things by reference and hash;
 * what they are about (answers, data, comments) travels beside them, in `data`, and rests only in the order's state.
 */

import type { Data } from '../graph/stage.ts';
import type { CalendarName } from '../time/business-time.ts';
import type { Contribution } from './contributions.ts';
import type { MailOutcome } from './delivery.ts';
import type { DeadItem, Flag, Person } from './effects.ts';
import type { Exception } from './exceptions.ts';
import type { Looked } from './looks.ts';
import type { Revision } from './revision.ts';
import type {
  Addressee,
  GateKind,
  Holder,
  OnboardingStatus,
  OrderStatus,
  Post,
  Priority,
  Reader,
  StageState,
  StageStatus,
} from './state.ts';

export type OrderEvent =
  | {
      type: 'order-created';
      product: string;
      tier: string;
      workflowVersion: number;
      source: 'manual' | 'store' | 'import';
      stages: { key: string; gate: GateKind }[];
      hash: string;
    }
  | {
      type: 'stage-entered';
      stage: string;
      round: number;
      status: Extract<StageStatus, 'ready' | 'waiting'>;
      holder: Holder;
      waitingFor?: string;
      hash?: string;
    }
  | { type: 'stage-begun'; stage: string; round: number; by: string }
  | { type: 'stage-completed'; stage: string; round: number; by: string; hash: string }
  | { type: 'stage-skipped'; stage: string; round: number; why: 'condition' | 'skip' | 'override' }
  | { type: 'stage-sent-back'; from: string; to: string; round: number; relocked: string[]; kept?: string[] }
  | { type: 'stage-overridden'; stage: string; action: string }
  | { type: 'link-requested'; stage: string; round: number }
  | { type: 'link-recorded'; stage: string; round: number; link: string }
  | {
      type: 'form-submitted';
      stage: string;
      round: number;
      link: string;
      response: string;
      hash: string;
      /** The answers that differ from the version before. */
      changed?: string[];
    }
  | { type: 'form-returned'; stage: string; round: number; fields: string[] }
  | { type: 'approval-recorded'; stage: string; round: number; approval: string }
  | { type: 'approval-decided'; stage: string; round: number; approval: string; decision: string; hash: string }
  | { type: 'approval-delegated'; stage: string; round: number; approval: string }
  /** Whom is in the state; here is what can be told of it for ever. */
  | { type: 'approver-named'; stage: string; round: number; hash: string }
  | { type: 'rounds-used-up'; stage: string; round: number }
  | { type: 'round-granted'; stage: string; round: number }
  | { type: 'approval-expired'; stage: string; round: number }
  | { type: 'outcome-unknown'; stage: string; round: number; dispatch?: string }
  | { type: 'answer-came-late'; stage: string; round: number; dispatch: string; by: string; hash: string }
  | { type: 'late-answer-reviewed'; stage: string; round: number; dispatch: string; decision: 'accept' | 'dismiss' }
  | { type: 'outcome-resolved'; stage: string; round: number; outcome: 'done' | 'not_done' }
  | { type: 'stage-retried'; stage: string; round: number; dead?: DeadItem[] }
  | { type: 'stage-recorded'; stage: string; round: number; by: string; hash: string }
  | { type: 'check-asked'; stage: string; round: number; attempt: number; tries: number }
  | { type: 'check-passed'; stage: string; round: number; attempt: number }
  | { type: 'check-unsettled'; stage: string; round: number; attempt: number; rules: string[]; again: string }
  | { type: 'check-doubted'; stage: string; round: number; attempt: number; rules: string[]; again: string }
  | { type: 'check-failed'; stage: string; round: number; rules: string[]; attempt?: number; again?: string }
  | { type: 'exception-requested'; stage: string; round: number; by: string; hash: string }
  | { type: 'exception-granted' | 'exception-refused'; stage: string; round: number; by: string; requestedBy: string }
  | { type: 'exception-revoked'; stage: string; round: number; by: string }
  | { type: 'stage-rescheduled'; stage: string; round: number; days: number }
  | { type: 'sla-warned' | 'sla-breached' | 'sla-escalated'; stage: string; round: number; rung: number }
  | { type: 'order-assigned'; begun: Post[]; ended: Post[] }
  | { type: 'sla-checked' }
  | {
      type: 'reminder-due';
      stage: string;
      round: number;
      about: string;
      to: Addressee;
      rung: number;
      /** Rungs to the same reader that this one stands for. */
      passed?: number[];
    }
  | { type: 'reminder-checked'; stage: string }
  | {
      type: 'delivery-recorded';
      stage: string;
      round: number;
      mail: string;
      seq: number;
      outcome: MailOutcome;
      to: Addressee;
      /** Of a reminder. */
      about?: string;
      rung?: number;
    }
  | { type: 'order-inactive' }
  | { type: 'inactivity-checked' }
  | { type: 'timer-set'; name: string; seq: number; at: string }
  | { type: 'ball-passed'; from: Holder | 'nobody'; to: Holder | 'nobody' }
  | { type: 'fact-recorded'; fact: string; holds: boolean; seq: number; by?: string }
  | { type: 'stage-blocked'; stage: string; round: number; facts: string[] }
  | { type: 'stage-unblocked'; stage: string; round: number }
  | { type: 'access-found' | 'access-missed'; stage: string; round: number; holder: Holder }
  | { type: 'milestone-reached'; fact: string }
  | { type: 'onboarding-changed'; to: OnboardingStatus }
  | { type: 'status-changed'; from: OrderStatus; to: OrderStatus }
  | { type: 'calendar-set'; from?: CalendarName; to: CalendarName; seq: number }
  | { type: 'order-updated'; fields: string[]; hash: string }
  | { type: 'order-paused'; by: 'person' | 'subscription' }
  | { type: 'order-resumed'; to: OrderStatus }
  | { type: 'order-migrated'; from: number; to: number }
  /** `stands` is what of it can be told for ever: statuses, rounds and holders. */
  | {
      type: 'order-restored';
      operation: string;
      fields: string[];
      stands: { path: string; was?: unknown }[];
      /** What the client was told and is no longer true. */
      corrects?: 'order-cancelled';
    }
  /** How many: tags are words of people, as notes are. */
  | { type: 'order-tagged'; added: number; removed: number }
  | { type: 'order-noted'; hash: string; by: string }
  | { type: 'priority-set'; from: Priority; to: Priority }
  | { type: 'due-date-set'; from: string | null; to: string | null }
  | { type: 'order-completed' }
  | { type: 'order-cancelled' }
  | { type: 'order-cleared' };

/** An event, and beside it what it is about: words and data of people, kept in the state and nowhere else. */
export interface Happening {
  event: OrderEvent;
  order?: { title: string; reference?: string; client: Person; options: Data; calendar?: CalendarName };
  update?: { title?: string; reference?: string; client?: Person };
  data?: Data;
  note?: string;
  flags?: Flag[];
  recipient?: Person;
  /** Whom the page of the stage is for, where its gate has one. */
  reader?: Reader;
  looked?: Looked[];
  tracking?: Record<string, string>;
  /** The work item by which somebody outside is asked. */
  asked?: string;
  /** The doer and the hash that a finished stage records, where its gate has a say in it. */
  recordedAs?: Pick<StageState, 'doer' | 'hash'>;
  /** What is asked for, with words of people. */
  exception?: Exception;
  /** What is new in a form that came back. */
  revision?: Revision;
  /** What people of ours have done to the stage by it. */
  contributions?: Pick<Contribution, 'by' | 'did'>[];
  /** All tags of the order from now on. */
  tags?: string[];
  /** What the fields of a restored order were. */
  restored?: { path: string; was?: unknown }[];
}

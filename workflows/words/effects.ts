/**
 * What must be done elsewhere after a change, as data. The engine returns effects; the commit stores them in the
 * order's outbox; workers carry them out. Stage and round travel with each, so that a late one settles as superseded.
 */
import type { GrantName } from '../accounts/names.ts';

export interface Person {
  name: string;
  email: string;
}

/** One answer that the reviewer wants changed. */
export interface Flag {
  field: string;
  reason: string;
}

/** A work item that was given up, as it was seen: under another generation it has been taken up since. */
export interface DeadItem {
  id: string;
  generation: number;
}

export type Effect =
  /**
   * Make a form link for the client and mail it. `form` names the form configuration (the stage key); `revise` says
   * which answers of the last submission are to be changed, and why: a first link has none.
   */
  | {
      type: 'issue-link';
      stage: string;
      round: number;
      recipient: Person;
      form: string;
      revise?: Flag[];
      note?: string;
      tracking?: Record<string, string>;
    }
  /** Ask the client to approve `snapshot` (what will be shown), whose hash is `hash`, and mail the page. */
  | {
      type: 'request-approval';
      stage: string;
      round: number;
      recipient: Person;
      snapshot: Record<string, unknown>;
      hash: string;
    }
  /** Send one mail. `template` is a file of mail/templates; `data` holds plain words for it. */
  | {
      type: 'notify';
      template: string;
      stage?: string;
      round?: number;
      recipient: Person;
      data: Record<string, string>;
    }
  /** Send one mail to whoever is the addressee when it goes out. Reminders name what they are about and their rung. */
  | {
      type: 'tell';
      template: string;
      to: 'client' | 'manager' | 'agency';
      stage: string;
      round: number;
      about?: string;
      rung?: number;
    }
  /** Something that a person must look at has begun or is over: look at the order and keep its alert as it is now. */
  | { type: 'alert'; kind: string; stage?: string }
  /** Put notes into their collection before they leave the order. */
  | { type: 'keep-notes'; notes: { number: number; text: string; by: string; at: Date }[] }
  /** Somebody has one order more or one less: compare what they carry with what they can. */
  | { type: 'weigh'; staff: string }
  /** Have the vendor that serves this stage do it; without one, somebody reports the answer. */
  | { type: 'dispatch'; stage: string; round: number; asked?: string }
  /** Look at what the stage declares, and tell the order under the number `attempt`. */
  | { type: 'check'; stage: string; round: number; attempt: number }
  /** Take up the stage's work that was given up, save what was done once and what nobody knows the outcome of. */
  | { type: 'reopen'; stage: string; round: number; items: DeadItem[]; why?: string }
  /** Apply another command to this order, as the system itself (an automatic check, a timer's rung). */
  | { type: 'command'; command: Record<string, unknown> & { type: string } }
  /** Tell the account that this order has reached a milestone, which other orders may wait for. */
  | { type: 'record-milestone'; fact: string }
  /** Tell the account that somebody has seen an access: unless it has said more of it than its number `seq`. */
  | { type: 'attest-grant'; grant: GrantName; evidence: string; seq: number }
  /** Ask the account what it knows of the facts that this order goes by: news may have passed it on the way. */
  | { type: 'recheck' }
  /** Apply `command` at `at`, unless the timer `name` has a newer `seq` by then. */
  | { type: 'timer'; name: string; seq: number; at: Date; command: Record<string, unknown> & { type: string } };

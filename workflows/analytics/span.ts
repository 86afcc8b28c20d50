/**
 * Spans: what analytics counts. One for each order·stage·round that was ever open, and one for the order as a whole, from
 * its creation until it first went live or was closed. Plain data without a word about people; `spansOf` makes them.
 */
import type { CalendarName } from '../time/business-time.ts';
import type { GateKind, Holder, OrderStatus } from '../words/state.ts';

/** Who has the ball; nobody while the order is paused. */
export type Party = Holder | 'nobody';
export const parties: readonly Party[] = ['client', 'agency', 'fulfillment', 'third_party', 'system', 'nobody'];

/** Milliseconds for each who had the ball at all. */
export type Times = Partial<Record<Party, number>>;

/**
 * How a round ended. `sent_back`: it led back itself; `relocked`: another stage went back past it; `asked_again`: an
 * approval was requested anew. The last three ends are no ends of work: the order was cancelled, the stage is no more, or
 * what had opened it was undone.
 */
export type RoundOutcome =
  | 'done'
  | 'skipped'
  | 'sent_back'
  | 'relocked'
  | 'asked_again'
  | 'cancelled'
  | 'migrated_away'
  | 'undone';

interface Common {
  _id: string;
  /** Of the order, when this was last touched: the same version always says the same. */
  version: number;
  order: string;
  agency: string;
  account: string;
  product: string;
  tier: string;
  workflowVersion: number;
  calendar: CalendarName;
  enteredAt: Date;
  endedAt: Date | null;
  /** By the clock on the wall and in business time. Of an open span: until `since`, when `holder` took the ball. */
  wall: Times;
  business: Times;
  holder: Party | null;
  since: Date | null;
  /** Orders that were taken out of every list are taken out of every figure. */
  cleared: boolean;
}

export interface StageSpan extends Common {
  of: 'stage';
  stage: string;
  round: number;
  gate: GateKind;
  outcome: RoundOutcome | null;
  /** Milliseconds of business time: what we may take, and what we took until `since`. */
  budget: number;
  spent: number;
  breached: boolean;
  /** Present where it was left by an exception from its check. */
  excepted?: true;
  /** Whether the ball was ever ours: only then is there something to keep. */
  ours: boolean;
  /** When the budget is used up if nobody takes the ball from us; null while it does not run. */
  dueAt: Date | null;
}

export interface OrderSpan extends Common {
  of: 'order';
  status: OrderStatus;
  /** The first time. */
  liveAt?: Date;
  closedAt?: Date;
  cancelled: boolean;
}

export type Span = StageSpan | OrderSpan;

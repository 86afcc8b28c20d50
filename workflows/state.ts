/**
 * What is known of an order: three axes (order status, onboarding status, stages) and who has the ball. Plain data, no
 * behaviour; only `evolve` makes a new one. It is stored whole, under `state`, in the order's document.
 */
import type { Person } from './effects.ts';

export type OrderStatus = 'created' | 'onboarding' | 'setup' | 'live' | 'paused' | 'completed' | 'cancelled';
export type OnboardingStatus = 'not_required' | 'pending' | 'sent' | 'received' | 'needs_revision' | 'approved';
export type StageStatus = 'locked' | 'ready' | 'in_progress' | 'waiting' | 'in_review' | 'done' | 'skipped' | 'failed';
export type Gate = 'form' | 'access' | 'work' | 'approval' | 'qa' | 'auto' | 'external';
export type Holder = 'client' | 'agency' | 'fulfillment' | 'third_party' | 'system';

/** One stage of one order. `data` is what it was left with; `doer` did it (four-eyes); `hash` is what was shown. */
export interface StageState {
  key: string;
  status: StageStatus;
  round: number;
  holder?: Holder;
  waitingFor?: string;
  since?: Date;
  doer?: string;
  data?: Record<string, unknown>;
  hash?: string;
  note?: string;
  link?: string;
  approval?: string;
  response?: string;
}

export interface OrderState {
  product: string;
  tier: string;
  options: Record<string, unknown>;
  workflowVersion: number;
  source: 'manual' | 'store' | 'import';
  title: string;
  client: Person;
  status: OrderStatus;
  /** The status that `resume` returns to. */
  pausedFrom?: OrderStatus;
  onboarding: OnboardingStatus;
  stages: StageState[];
  /** The first stage that is neither done nor skipped; absent when all are. */
  stage?: string;
  holder?: Holder;
  holderSince?: Date;
  slaDueAt?: Date | null;
  overrides: number;
  createdAt: Date;
  lastActivityAt: Date;
  liveAt?: Date;
  closedAt?: Date;
}

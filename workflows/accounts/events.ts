/**
 * What happens to an account and what must then be done elsewhere. Events stay in the audit for ever: what people wrote
 * (evidence, notes, what an endpoint said) rests in the state, and only its hash is here.
 */
import type { GrantName } from './names.ts';
import type { AccountState, Finding, GrantStatus, SubscriptionStatus } from './state.ts';

export type AccountEvent =
  | { type: 'grant-requested'; grant: string; probe: string }
  | { type: 'grant-looked-at'; grant: string; seq: number; finding: Finding }
  | { type: 'grant-attested'; grant: string; hash: string; expiresAt?: string }
  | { type: 'grant-changed'; grant: string; from: GrantStatus | 'none'; to: GrantStatus }
  | { type: 'look-set'; grant: string; seq: number; at: string }
  | { type: 'subscription-changed'; from: SubscriptionStatus; to: SubscriptionStatus }
  | { type: 'milestone-recorded'; fact: string; order: string }
  | { type: 'fact-changed'; fact: string; holds: boolean; seq: number };

export type AccountEffect =
  /** Tell every open order of the account that needs the fact. */
  | { type: 'spread'; fact: string; seq: number }
  /** Look at the access, at `at`. */
  | { type: 'look'; grant: GrantName; seq: number; at: Date }
  /** End it at `at`, unless it ends at another time by then. */
  | { type: 'expire'; grant: GrantName; at: Date };

export interface AccountChange {
  state: AccountState;
  events: AccountEvent[];
  effects: AccountEffect[];
}

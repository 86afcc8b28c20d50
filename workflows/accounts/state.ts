/**
 * What is known of an account beside its profile: the facts that its orders go by, each with a number of its own, the
 * accesses it has granted, and the health of its subscription. Plain data, kept in the account's document.
 */
import type { Fact } from '../words/state.ts';
import type { GrantName } from './names.ts';

export const grantStatuses = ['requested', 'pending', 'active', 'refused', 'revoked', 'expired'] as const;
export type GrantStatus = (typeof grantStatuses)[number];

export const subscriptionStatuses = ['active', 'past_due', 'cancelled'] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

/**
 * How an access is looked at: an endpoint that knows it, a record in the client's DNS, or the word of staff who have
 * seen it. The endpoint holds the tokens; none is kept here.
 */
export type Probe =
  | { type: 'http'; url: string }
  | { type: 'dns'; record: 'TXT' | 'CNAME'; host: string; value: string }
  | { type: 'attestation' };

/** What a look has shown. `unreachable` says nothing about the access: there was no answer. */
export const findings = ['granted', 'missing', 'refused', 'unreachable'] as const;
export type Finding = (typeof findings)[number];

interface Attestation {
  by: string;
  at: Date;
  evidence: string;
}

export interface Grant {
  status: GrantStatus;
  since: Date;
  probe: Probe;
  /** The number of the next look: one that comes under an older number does nothing. */
  seq: number;
  /** When that look is due; absent while nobody looks. */
  nextLookAt?: Date;
  lastLook?: { at: Date; finding: Finding; says: string };
  /** Looks in a row that did not find it, and those that had no answer: waits grow with them. */
  looks: number;
  misses: number;
  attestation?: Attestation;
  expiresAt?: Date;
  /** Whether a look or a person ended it: what a look has lost, a look may find again. */
  endedBy?: 'look' | 'person';
  note?: string;
}

type Grants = Partial<Record<GrantName, Grant>>;

export interface AccountState {
  facts: Record<string, Fact>;
  grants: Grants;
  subscription: SubscriptionStatus;
}

export const newAccount = (): AccountState => ({ facts: {}, grants: {}, subscription: 'active' });

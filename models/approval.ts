/**
 * Requests for approval: what the client is shown, whole, with its hash, so that it can be told years later what was
 * agreed. Kept as evidence; the decision itself is in the order's history, under the same hash.
 */
import type { Connection } from 'mongoose';
import { tokenHash } from '../kernel/tokens.ts';
import type { Mailbox } from './agency.ts';
import type { Envelope } from './aggregate.ts';
import type { AuditStore } from './audit.ts';
import { aggregateSchema, stream } from './stream.ts';

export interface ApprovalState {
  agency: string;
  account: string;
  order: string;
  stage: string;
  round: number;
  recipient: Mailbox;
  /** What is shown; it may hold the client's data and so is kept out of history. */
  snapshot: Record<string, unknown>;
  hash: string;
  tokenHash: string;
  generation: number;
}

export interface Approval extends Envelope, ApprovalState {}

const schema = aggregateSchema('approvals');
schema.index({ tokenHash: 1 }, { unique: true });
schema.index({ order: 1, stage: 1, round: 1 });

export function approvalStore(parts: { connection: Connection; audit: AuditStore }) {
  const approvals = stream<Approval>(parts, 'approval', schema);
  const { documents } = approvals;
  return {
    ...approvals,

    /** The request a token belongs to, whether or not it can be answered; null for any other text. */
    byToken: (token: string) => documents.findOne<Approval>({ tokenHash: tokenHash(token) }),

    /** Every request of an order, oldest first. */
    ofOrder: (order: string) => documents.find<Approval>({ order }).sort({ _id: 1 }).toArray(),
  };
}

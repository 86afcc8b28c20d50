/**
 * What was asked of a vendor: the record is made before the first call, and its id is the key by which the vendor knows a
 * repetition. `body` is sent as it is at every try; it may hold the client's data and so is kept out of history.
 */
import type { Connection } from 'mongoose';
import type { Envelope } from './aggregate.ts';
import type { AuditStore } from './audit.ts';
import { aggregateSchema, stream } from './stream.ts';

/** `unknown`: whether they did it can't be told any more; a person asks them. */
type DispatchStatus = 'calling' | 'accepted' | 'done' | 'failed' | 'unknown' | 'withdrawn';

export interface DispatchState {
  agency: string;
  account: string;
  order: string;
  stage: string;
  round: number;
  /** Which asking of the order's this is; absent in older ones. */
  asked?: string;
  vendor: string;
  status: DispatchStatus;
  body: string;
  askedAt: Date;
  attempts: number;
  /** What they call it. */
  reference?: string;
  /** The same, folded: by which the order is found. */
  referenceKey?: string;
  note?: string;
  /** The hash of the result that it was done with; absent in older ones. */
  answered?: string;
}

export interface Dispatch extends Envelope, DispatchState {
  /** Real time; from here on their memory of the key runs out. */
  firstSentAt?: Date;
}

const schema = aggregateSchema('dispatches');
schema.index({ order: 1, stage: 1, round: 1 });
schema.index({ vendor: 1, status: 1 });
schema.index({ agency: 1, referenceKey: 1 }, { partialFilterExpression: { referenceKey: { $exists: true } } });

export function dispatchStore(parts: { connection: Connection; audit: AuditStore }) {
  const dispatches = stream<Dispatch>(parts, 'dispatch', schema);
  const { documents } = dispatches;
  return {
    ...dispatches,

    /** Written before every call. It only ever moves back, so it needs no version. */
    async markSent(id: string, now: Date): Promise<void> {
      await documents.updateOne({ _id: id }, { $min: { firstSentAt: now } });
    },

    /** Everything that was asked for an order, oldest first. */
    ofOrder: (order: string) => documents.find<Dispatch>({ order }).sort({ askedAt: 1, _id: 1 }).toArray(),
  };
}

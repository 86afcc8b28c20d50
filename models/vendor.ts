/**
 * Vendors: who does a stage for us, where they are called, and how patient we are with them. Only an admin may set the
 * URLs. Two secrets may be active at a time, so that one can be changed without losing a message.
 */
import type { Connection } from 'mongoose';
import { collectionSchema } from './collection.ts';
import { plainStore } from './plain.ts';

export interface Vendor {
  _id: string;
  /** Whose vendor; absent: everybody's. */
  agency?: string;
  name: string;
  url: string;
  /** Where a dispatch's answer is asked for when it does not come by itself: `<statusUrl>/<dispatch>`. */
  statusUrl?: string;
  secrets: string[];
  /** Calls under way at a time, over all our processes. */
  limit: number;
  /** Waits between the tries of a call, in ms; when they are used up, a person is asked. */
  schedule: number[];
  /** How long they know an Idempotency-Key, in ms: a call older than that is never repeated by us. */
  keyMemory: number;
  /** First wait before the answer is asked for, doubled each time, and when to give up; ms. */
  pollAfter: number;
  answerWithin: number;
  serves: { product: string; stage: string }[];
}

const schema = collectionSchema('vendors');
schema.index({ 'serves.product': 1 });

export function vendorStore(connection: Connection) {
  const vendors = plainStore<Vendor>(connection, 'Vendor', schema);
  const { documents } = vendors;
  return {
    ...vendors,

    /** Who does the stage: the agency's own vendor before everybody's. */
    async serving(agency: string, product: string, stage: string): Promise<Vendor | undefined> {
      const found = await documents.find<Vendor>({ 'serves.product': product }).toArray();
      const able = found.filter(({ serves }) => serves.some((one) => one.product === product && one.stage === stage));
      return able.find((vendor) => vendor.agency === agency) ?? able.find((vendor) => vendor.agency === undefined);
    },
  };
}

/**
 * Those who do the work: under the id of a person's API key, or any other, with where mails reach them and how many orders
 * they can have at a time. Orders and history name them by this id alone.
 */
import type { Connection } from 'mongoose';
import { collectionSchema } from './collection.ts';
import { plainStore } from './plain.ts';

export interface StaffMember {
  _id: string;
  name: string;
  email: string;
  /** Absent: of the house, for every agency. */
  agency?: string;
  /** IANA name; mails that can wait are sent by day there. */
  timeZone?: string;
  /** The most orders in set-up at a time; as many as come when absent. */
  capacity?: number;
}

const schema = collectionSchema('staff');
schema.index({ agency: 1, _id: 1 });

export function staffStore(connection: Connection) {
  const staff = plainStore<StaffMember>(connection, 'Staff', schema);
  const { documents } = staff;
  const many = (ids: string[]): Promise<StaffMember[]> =>
    ids.length > 0 ? documents.find<StaffMember>({ _id: { $in: ids } }).toArray() : Promise.resolve([]);

  return {
    ...staff,
    many,

    /** Those of the ids that nobody has who works for the agency. */
    async unknown(ids: string[], agency: string): Promise<string[]> {
      const found = (await many(ids)).filter((one) => one.agency === undefined || one.agency === agency);
      return ids.filter((id) => !found.some(({ _id }) => _id === id));
    },
  };
}

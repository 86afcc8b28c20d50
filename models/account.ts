/** Accounts: an agency's clients, with the zone and country that their deadlines and holidays are reckoned in. */
import type { Connection } from 'mongoose';
import type { Mailbox } from './agency.ts';
import { plainSchema, plainStore } from './plain.ts';

export interface Account {
  _id: string;
  agency: string;
  name: string;
  /** IANA name. */
  timeZone: string;
  /** ISO 3166 alpha-2. */
  country: string;
  contact: Mailbox;
}

const schema = plainSchema('accounts');
schema.index({ agency: 1, _id: 1 });

export const accountStore = (connection: Connection) => plainStore<Account>(connection, 'Account', schema);

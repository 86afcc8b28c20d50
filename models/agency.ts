/** Agencies: who resells. Everything a client sees bears the agency's name, sender and colour, never ours. */
import type { Connection } from 'mongoose';
import { collectionSchema } from './collection.ts';
import { plainStore } from './plain.ts';

export interface Mailbox {
  name: string;
  email: string;
}

export interface Agency {
  _id: string;
  name: string;
  from: Mailbox;
  replyTo?: Mailbox;
  /** What delivery reports of its emails are signed with. Two may be active, so that one can be changed. */
  mailSecrets?: string[];
  logoUrl?: string;
  /** Whose days analytics counts in; UTC when absent. */
  timeZone?: string;
  /** `#rrggbb`. */
  colour?: string;
  /** Phrases of letters in the agency's own words, by key: `greeting`, `closing`, `footer`. */
  words?: Record<string, string>;
}

export const agencyStore = (connection: Connection) =>
  plainStore<Agency>(connection, 'Agency', collectionSchema('agencies'));

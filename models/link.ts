/**
 * Links to a form: one for each time a client is asked. The token is not here, only its hash; asking again for the same
 * generation gives the same token. Whether a link may still be used is decided by the order, not by a date or a flag here.
 */
import type { Connection } from 'mongoose';
import { tokenHash } from '../kernel/tokens.ts';
import type { Mailbox } from './agency.ts';
import type { Envelope } from './aggregate.ts';
import type { AuditStore } from './audit.ts';
import { aggregateSchema, stream } from './stream.ts';

export interface LinkState {
  agency: string;
  account: string;
  order: string;
  stage: string;
  round: number;
  recipient: Mailbox;
  form: string;
  tokenHash: string;
  generation: number;
  /** When it was last mailed. */
  issuedAt: Date;
  /** Hashes of the tokens that led here until it went to another reader: so that they can be told. */
  formerTokens?: string[];
  /** Answers that are to be changed, and why; absent when the form is asked for the first time. */
  revise?: { field: string; reason: string }[];
  note?: string;
  /** What a link that was made through the API is to be counted under. */
  tracking?: Record<string, string>;
}

export interface Link extends Envelope, LinkState {}

const schema = aggregateSchema('links');
schema.index({ tokenHash: 1 }, { unique: true });
schema.index({ order: 1, stage: 1, round: 1 });
schema.index({ formerTokens: 1 }, { sparse: true });

export function linkStore(parts: { connection: Connection; audit: AuditStore }) {
  const links = stream<Link>(parts, 'link', schema);
  const { documents } = links;
  return {
    ...links,

    /** The link a token belongs to, whether or not it can be answered; null for any other text. */
    byToken: (token: string) => documents.findOne<Link>({ tokenHash: tokenHash(token) }),

    /** The link a token belonged to, until it went to another reader. */
    byFormerToken: (token: string) => documents.findOne<Link>({ formerTokens: tokenHash(token) }),

    /** The newest link for a round of a stage. */
    async standing({ order, stage, round }: Pick<LinkState, 'order' | 'stage' | 'round'>): Promise<Link | undefined> {
      const found = documents.find<Link>({ order, stage, round }).sort({ issuedAt: -1, _id: 1 }).limit(1);
      return (await found.toArray())[0];
    },

    many: (ids: string[]): Promise<Link[]> =>
      ids.length > 0 ? documents.find<Link>({ _id: { $in: ids } }).toArray() : Promise.resolve([]),

    /** Every link of an order, oldest first. */
    ofOrder: (order: string) => documents.find<Link>({ order }).sort({ _id: 1 }).toArray(),
  };
}

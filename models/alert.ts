/**
 * Alerts: what a person must look at, one for each cause under a natural id, however often it is raised. They end with
 * their cause; acknowledging one only says that somebody is at it. `seq` is the version of the order that was looked at.
 */
import type { Connection } from 'mongoose';
import type { Envelope } from './aggregate.ts';
import type { AuditStore } from './audit.ts';
import { type Scope, within } from './scope.ts';
import { aggregateSchema, stream } from './stream.ts';

export type AlertStanding = 'open' | 'acknowledged' | 'resolved';

export interface AlertState {
  agency: string;
  account: string;
  order?: string;
  stage?: string;
  /** The email it is about, if any. */
  notification?: string;
  /** Whom it is about, where it is about nobody's order. */
  staff?: string;
  /** The order\'s manager. */
  manager?: string;
  kind: string;
  severity: 'notice' | 'warning' | 'critical';
  state: AlertStanding;
  /** How many times its cause has recurred. */
  count: number;
  since: Date;
  what: string;
  cure: string;
  seq: number;
  acknowledgedBy?: string | null;
  resolvedAt?: Date | null;
}

export interface Alert extends Envelope, AlertState {}

/** Still to be looked at. */
export const notOver: AlertStanding[] = ['open', 'acknowledged'];

export interface AlertFilter {
  state?: AlertStanding | undefined;
  kind?: string | undefined;
  severity?: AlertState['severity'] | undefined;
  account?: string | undefined;
  order?: string | undefined;
  manager?: string | undefined;
}

const schema = aggregateSchema('alerts');
schema.index({ agency: 1, state: 1, since: -1, _id: 1 });
schema.index({ state: 1, since: -1, _id: 1 });
schema.index({ order: 1, state: 1 });

export function alertStore(parts: { connection: Connection; audit: AuditStore }) {
  const alerts = stream<Alert>(parts, 'alert', schema);
  const { documents } = alerts;
  return {
    ...alerts,

    find: (scope: Scope, id: string) => documents.findOne<Alert>({ ...within(scope), _id: id, count: { $gt: 0 } }),

    /** Those that are not over, unless others are asked for; the newest first. */
    async list(scope: Scope, filter: AlertFilter, { skip, limit }: { skip: number; limit: number }): Promise<Alert[]> {
      const { state, ...equal } = filter;
      const wanted = { $and: [within(scope), { ...equal, state: state ?? { $in: notOver }, count: { $gt: 0 } }] };
      const found = documents.find<Alert>(wanted, { maxTimeMS: 2_000 });
      return found.sort({ since: -1, _id: 1 }).skip(skip).limit(limit).toArray();
    },
  };
}

/** One for each cause: the same order, kind and stage is the same alert in every round. */
export const alertIdOf = (about: string, kind: string, stage?: string): string =>
  stage ? `${about}.${kind}.${stage}` : `${about}.${kind}`;

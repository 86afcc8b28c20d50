/**
 * Bulk operations: who changes which orders how, and why; an aggregate, so that every verb is a line of its history.
 * Which orders those are, and what became of each, is in the item pages (bulk-items.ts).
 */
import type { Connection } from 'mongoose';
import type { Actor } from '../kernel/actor.ts';
import type { BulkAction } from '../workflows/bulk/action.ts';
import type { Progressing } from '../workflows/bulk/operation.ts';
import type { Diff } from '../workflows/bulk/rehearse.ts';
import type { OrderCommand } from '../workflows/words/commands.ts';
import type { Envelope } from './aggregate.ts';
import type { AuditStore } from './audit.ts';
import type { OrderFilter } from './order-search.ts';
import type { Scope } from './scope.ts';
import { aggregateSchema, stream } from './stream.ts';

/** Orders by a filter whose times are absolute, by ids that are kept in lists, or those that another operation changed. */
export type Selection =
  | { by: 'filter'; filter: OrderFilter }
  | { by: 'ids'; count: number }
  | { by: 'undo'; of: string };

export interface Sample {
  /** The title when the plan was made; older plans have none. */
  title?: string;
  order: string;
  changes: Diff[];
}

export interface Operation extends Envelope, Progressing {
  agency: string;
  /** The accounts of whoever asked, where they have only some. */
  accounts?: string[];
  /** Absent for an undo. */
  action?: BulkAction;
  /** Whose right it takes. */
  command: OrderCommand['type'];
  selection: Selection;
  actor: Actor;
  reason: string;
  requestId?: string;
  bodyHash: string;
  createdAt: Date;
  startedAt?: Date;
  undoUntil?: Date;
  plan?: NonNullable<Progressing['plan']> & {
    pages: number;
    rules: Record<string, number>;
    samples: Sample[];
  };
}

const schema = aggregateSchema('bulk_operations');
schema.index({ agency: 1, createdAt: -1, _id: -1 });
schema.index({ createdAt: -1, _id: -1 });
schema.index({ agency: 1, active: 1 }, { unique: true, partialFilterExpression: { active: true } });

export function operationStore(parts: { connection: Connection; audit: AuditStore }) {
  const operations = stream<Operation>(parts, 'bulk', schema);
  const { documents } = operations;
  return {
    ...operations,

    find: (scope: Scope, id: string) => documents.findOne<Operation>({ ...visible(scope), _id: id }),

    /** The newest first, from before `last` on. */
    list: (
      scope: Scope,
      {
        status,
        last,
        limit,
      }: { status?: Operation['status']; last?: Pick<Operation, '_id' | 'createdAt'>; limit: number },
    ) => {
      const { createdAt, _id } = last ?? {};
      const beyond = { $or: [{ createdAt: { $lt: createdAt } }, { createdAt, _id: { $lt: _id } }] };
      const filter = { ...visible(scope), status, ...(last && beyond) };
      return documents.find<Operation>(filter).sort({ createdAt: -1, _id: -1 }).limit(limit).toArray();
    },

    /** The one that is running, paused or being cancelled. */
    activeOf: (agency: string) => documents.findOne<Operation>({ agency, active: true }),
  };
}

/** Whoever sees only some accounts sees only what was asked for the same. */
const visible = ({ agency, accounts }: Scope) => ({ agency, accounts });

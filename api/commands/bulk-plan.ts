/**
 * From a request to a bulk operation: which orders, frozen, and the work item that begins to rehearse it. One insert
 * makes the operation, under an id that derives from the request, so that asking twice makes one.
 */
import type { Actor, Role } from '../../kernel/actor.ts';
import { type FieldError, Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import { after, days } from '../../kernel/time.ts';
import type { Operation, Selection } from '../../models/bulk-operation.ts';
import type { OrderFilter } from '../../models/order-search.ts';
import type { Scope } from '../../models/scope.ts';
import { planDraft } from '../../queues/bulk.ts';
import { requireRight } from '../../queues/command-rights.ts';
import { requireStaff } from '../../queues/known-staff.ts';
import type { BulkAction } from '../../workflows/bulk/action.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { Dependencies } from '../context.ts';
import type { Keyed } from './once.ts';

export interface Planning extends Keyed {
  actor: Actor & { role: Role };
  scope: Scope & { agency: string };
  reason: string;
  requestId: string;
  /** Absent for an undo. */
  action?: BulkAction;
  /** Whose right it takes. */
  command: OrderCommand['type'];
  orders: { by: 'filter'; filter: OrderFilter } | { by: 'ids'; ids: readonly string[] } | { by: 'undo'; of: string };
}

const kept = days(90);

export async function planOperation(planning: Planning, deps: Dependencies): Promise<Operation> {
  const { action, command, orders, scope, work } = planning;
  requireRight(planning.actor.role, command);
  if (action) await requireStaff(action, { agency: scope.agency, under: '/action' }, deps.models.staff);
  const now = deps.business.now();
  const id = `blk_${hashOf(['bulk', work]).slice(0, 24)}`;
  if (orders.by === 'ids') {
    requireOnce(orders.ids);
    await deps.models.bulkItems.addLists(id, orders.ids, after(now, kept));
  }
  if (orders.by === 'filter') await requireAny(scope, orders.filter, deps);
  const set = stateOf(planning, now);
  const { actor, reason } = planning;
  const event = { type: 'operation-planned', action: action?.type ?? 'undo', by: orders.by };
  const entry = {
    at: now,
    work,
    actor,
    cause: 'api' as const,
    action: 'plan-operation',
    reason,
    outcome: 'done' as const,
  };
  const effects = [planDraft({ ...set, _id: id }, 0, { after: '', sampled: 0 })];
  const change = { entry: { ...entry, events: [event] }, effects, set: { ...set }, dueAt: deps.clock.now() };
  const made = await deps.models.operations.create(id, change);
  if (made.bodyHash === set.bodyHash) return made;
  throw new Refusal('key_reused', 'This Idempotency-Key was already used for a different request.');
}

function stateOf({ action, command, orders, scope, actor, reason, requestId, bodyHash }: Planning, now: Date) {
  const selection: Selection =
    orders.by === 'ids' ? { by: 'ids', count: orders.ids.length } : orders.by === 'undo' ? orders : frozen(orders, now);
  return {
    ...{
      agency: scope.agency,
      ...(scope.accounts && { accounts: scope.accounts }),
      ...(action && { action }),
      command,
    },
    ...{ selection, actor, reason, requestId, bodyHash, createdAt: now },
    ...{ status: 'planning' as const, epoch: 0, reopen: 0, ran: 0 },
  };
}

/** Orders that are made while the plan is being made are not part of it. */
function frozen({ filter }: { filter: OrderFilter }, now: Date): Selection {
  const end = after(now, 1);
  const { createdBefore = end } = filter;
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return {
    by: 'filter',
    filter: { ...Object.fromEntries(given), createdBefore: createdBefore < end ? createdBefore : end },
  };
}

async function requireAny(scope: Scope, filter: OrderFilter, { models }: Dependencies): Promise<void> {
  const [first] = await models.orderSearch.walk(scope, filter, { after: '', limit: 1 });
  if (!first) throw new Refusal('nothing_matched', 'None of your orders match the filter.');
}

function requireOnce(ids: readonly string[]): void {
  const first = new Map<string, number>();
  const errors: FieldError[] = [];
  for (const [index, id] of ids.entries()) {
    const before = first.get(id);
    if (before === undefined) first.set(id, index);
    else
      errors.push({ pointer: `/ids/${index}`, rule: 'twice', message: `${id} is already listed at /ids/${before}.` });
  }
  if (errors.length === 0) return;
  const message = `${errors.length} ids are listed twice. Remove the duplicates.`;
  throw new Refusal('invalid_request', message, errors.slice(0, 20));
}

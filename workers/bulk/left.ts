/** What the operation has left on an order already: found by its work id, so that nothing is done to an order twice. */
import { Refusal, type RefusalCode } from '../../kernel/errors.ts';
import type { Item } from '../../models/bulk-items.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import type { Order } from '../../models/order.ts';
import { commandFor, isAlreadySo } from '../../workflows/bulk/action.ts';
import type { Context } from '../machine/context.ts';
import { drain } from '../machine/drain.ts';

export type Ending = Pick<Item, 'outcome' | 'code' | 'message' | 'line'>;
export type Endings = Map<string, Ending>;

/** The work id of an operation on one order: natural, so that it is done once. */
export const workOf = (operation: string, order: string): string => `${operation}-${order}`;

/** Whoever left it may have died before its drain: that is done here, too. */
export async function outcomeLeft(operation: Operation, read: Order, context: Context): Promise<Ending | undefined> {
  const { orders } = context.models;
  const work = workOf(operation._id, read._id);
  const line = await orders.lineOf(read, work);
  if (!line) return undefined;
  if (read.outboxDueAt || read.exported < line.seq) await drain(orders, read, context);
  const { outcome, seq, code, message } = line;
  const said = { line: seq, ...(code !== undefined && { code }), ...(message !== undefined && { message }) };
  if (outcome === 'done') return { outcome: 'updated', line: seq };
  return { outcome: isSo(operation, read, code) ? 'no_op' : 'refused', ...said };
}

function isSo({ action }: Operation, { state }: Order, code: string | undefined): boolean {
  if (!action || code === undefined) return false;
  try {
    return isAlreadySo(commandFor(action, state), state, new Refusal(code as RefusalCode, ''));
  } catch {
    return false;
  }
}

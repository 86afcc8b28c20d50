/**
 * What an undo puts back: the values that the operation wrote over. It may have stored several for an order, when its
 * write came too late; the true one is that of the version before the line which the operation left.
 */
import { Refusal } from '../../kernel/errors.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { Context } from '../machine/context.ts';

/** Resolves to what gives the command for an order; page for page, an undo has the orders of what it undoes. */
export async function restorer(
  { selection }: Operation,
  page: number,
  { models: { bulkItems } }: Context,
): Promise<(order: string) => OrderCommand> {
  const of = selection.by === 'undo' ? selection.of : '';
  const [source, befores] = await Promise.all([bulkItems.page(of, page), bulkItems.befores(of, page)]);
  const lines = new Map(source?.items.map(({ order, line }) => [order, line]));
  const values = new Map(
    befores.flatMap(({ order, version, fields }) =>
      lines.get(order) === version + 1 ? [[order, fields] as const] : [],
    ),
  );
  return (order) => {
    const fields = values.get(order);
    if (!fields) throw new Refusal('not_undoable', `What order ${order} was before is not known.`);
    return { type: 'restore-values', operation: of, fields };
  };
}

/** The orders that the operation changed, by page; undefined after its last. */
export async function changedBy(of: string, page: number, { models }: Context): Promise<string[] | undefined> {
  const source = await models.bulkItems.page(of, page);
  return source?.items.flatMap(({ order, outcome }) => (outcome === 'updated' ? [order] : []));
}

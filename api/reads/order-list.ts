/** One page of orders, by number or by cursor; the same for staff and for the store. */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import type { Order } from '../../models/order.ts';
import { positionOf } from '../../models/order-search.ts';
import type { Scope } from '../../models/scope.ts';
import type { Dependencies } from '../context.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { filterOf, type ListQuery } from '../schemas/order-query.ts';

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    page: z.object({
      limit: z.int(),
      hasMore: z.boolean(),
      nextCursor: z.string().optional(),
      number: z.int().optional(),
      total: z.int().optional(),
    }),
  });

export interface Listed {
  orders: Order[];
  page: { limit: number; hasMore: boolean; nextCursor?: string; number?: number; total?: number };
}

export async function listPage(scope: Scope, query: ListQuery, deps: Dependencies): Promise<Listed> {
  const { page, limit, cursor, count, sort_by: sortBy, order, ...filtered } = query;
  if (page !== undefined && cursor !== undefined) throw bothGiven();
  const { models, secret, business } = deps;
  const list = { filtered, sortBy, order, scope };
  const filter = filterOf(filtered, business.now(), await zoneOf(scope, deps));
  const after = cursor === undefined ? undefined : openCursor(cursor, list, secret);
  const skip = after ? 0 : ((page ?? 1) - 1) * limit;
  const sorted = { filter, sortBy, descending: order === 'desc' };
  const found = await models.orderSearch.list(scope, { ...sorted, limit: limit + 1, skip, after });
  const orders = found.slice(0, limit);
  const last = orders.at(-1);
  const hasMore = found.length > limit;
  return {
    orders,
    page: {
      ...{ limit, hasMore },
      ...(hasMore && last && { nextCursor: sealCursor(positionOf(last, sortBy), list, secret) }),
      ...(cursor === undefined && { number: page ?? 1 }),
      ...(count === 'exact' && { total: await models.orderSearch.count(scope, filter) }),
    },
  };
}

/** The zone whose days a filter speaks of: the agency's, where the caller belongs to one that has any. */
export async function zoneOf({ agency }: Scope, { models }: Dependencies): Promise<string | undefined> {
  return agency === undefined ? undefined : (await models.agencies.get(agency))?.timeZone;
}

/** RFC 8288: the next page, for those that follow links. */
export function linkNext(reply: FastifyReply, address: string, { page }: Listed): void {
  if (!page.nextCursor) return;
  const [path = '', search = ''] = address.split('?');
  const next = new URLSearchParams(search);
  next.delete('page');
  next.set('cursor', page.nextCursor);
  reply.header('link', `<${path}?${next}>; rel="next"`);
}

const bothGiven = (): Refusal =>
  new Refusal('invalid_request', 'Use either `page` or `cursor`.', [
    { pointer: '/query/cursor', rule: 'not_with_page', message: 'Remove `page` or `cursor`.' },
  ]);

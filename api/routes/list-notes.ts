/** GET /v1/admin/orders/:id/notes: every note of an order, the newest first; those that the order holds no more as well. */
import { z } from 'zod';
import type { Order } from '../../models/order.ts';
import { heldNotes, noteCountOf } from '../../workflows/rules/notes.ts';
import type { Dependencies, Route } from '../context.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { may } from '../http/policy.ts';
import { findOrder } from '../reads/find-order.ts';
import { pageOf } from '../reads/order-list.ts';
import { whole } from '../schemas/order-query.ts';
import { iso, orderPath, time } from '../schemas/wire.ts';

const note = z
  .object({ number: z.int().describe('Counted from 1, the oldest.'), text: z.string(), by: z.string(), at: time })
  .meta({ id: 'Note' });

const query = z.strictObject({
  limit: whole(1, 200).default(50),
  cursor: z.string().max(500).optional().describe('The `nextCursor` of the page before.'),
});

const listed = pageOf(note);

export const listNotes: Route = (api, deps) =>
  api.route({
    ...{ method: 'GET', url: '/v1/admin/orders/:id/notes', config: may('read', 'order') },
    schema: {
      ...{ tags: ['Orders'], summary: 'List the notes of an order' },
      ...{ params: orderPath, querystring: query, response: { 200: listed } },
    },
    async handler(request) {
      return page(await findOrder(request, request.params.id, deps), request.query, deps);
    },
  });

async function page(
  { _id: order, state }: Order,
  { limit, cursor }: z.output<typeof query>,
  { models, secret }: Dependencies,
): Promise<z.infer<typeof listed>> {
  const list = { notes: order };
  const total = noteCountOf(state);
  const to = cursor === undefined ? total : Number(openCursor(cursor, list, secret).id) - 1;
  const from = Math.max(1, to - limit + 1);
  const held = heldNotes(state).filter(({ number }) => number >= from && number <= to);
  const oldestHeld = held[0]?.number ?? to + 1;
  const older = from < oldestHeld ? await models.notes.between(order, { from, to: oldestHeld - 1 }) : [];
  const found = [...held.reverse(), ...older];
  const hasMore = from > 1;
  return {
    data: found.map(({ number, text, by, at }) => ({ number, text, by, at: iso(at) })),
    page: {
      limit,
      hasMore,
      total,
      ...(hasMore && { nextCursor: sealCursor({ value: '', id: String(from) }, list, secret) }),
    },
  };
}

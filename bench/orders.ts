/** Orders by the thousand, put into the database as they are when they have been created: history, chain and audit. */
import type { Actor } from '../kernel/actor.ts';
import { systemClock } from '../kernel/time.ts';
import { firstVersion } from '../models/aggregate.ts';
import type { Models } from '../models/open.ts';
import { listedAs } from '../models/search-words.ts';
import { run } from '../workflows/engine/run.ts';
import type { OrderState } from '../workflows/words/state.ts';

export interface Wanted {
  count: number;
  agency: string;
  accounts: readonly string[];
  product: string;
  tier: string;
  /** What some of them are besides. */
  as?: (n: number, state: OrderState) => OrderState;
}

const seller: Actor = { type: 'service', id: 'seller', role: 'order_admin' };
const client = { name: 'Cleo Client', email: 'cleo@clients.example' };
const atOnce = 500;

export const orderId = (n: number): string => `ord_${String(n).padStart(8, '0')}`;

export async function putOrders({ orders, audit }: Models, wanted: Wanted): Promise<void> {
  for (let from = 0; from < wanted.count; from += atOnce) {
    const size = Math.min(atOnce, wanted.count - from);
    const made = Array.from({ length: size }, (_, index) => anOrder(from + index, wanted));
    await orders.model.collection.insertMany(made as never);
    await audit.addAll(
      made.flatMap(({ _id, history }) => history.map((line) => ({ stream: orders.streamOf(_id), line }))),
    );
  }
}

function anOrder(n: number, { agency, accounts, product, tier, as = (_, state) => state }: Wanted) {
  const id = orderId(n);
  const work = `made-${n}`;
  const at = systemClock.now();
  const sold = { product, tier, options: {}, source: 'import', title: `Order number ${n}`, client } as const;
  const { state, events } = run(undefined, { type: 'create-order', ...sold }, { actor: seller, at, work });
  const entry = { at, work, actor: seller, cause: 'api' as const, action: 'create-order', outcome: 'done' as const };
  const account = accounts[n % accounts.length] ?? '';
  const set = { agency, account, state: as(n, state), ...listedAs(id, state) };
  const change = { entry: { ...entry, events: events.map((event) => ({ ...event })) }, effects: [], set, dueAt: at };
  const { outboxDueAt: _, ...order } = firstVersion(id, change);
  return { ...order, exported: 1 };
}

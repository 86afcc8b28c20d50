/** The simulated sites, ports that look at them, and orders that stand where something is looked at. */
import { afterAll } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import type { WorkItem } from '../../kernel/work.ts';
import { createDns } from '../../runtime/dns.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import { startSites } from '../../scripts/simulators/sites.ts';
import type { Context } from '../../workers/machine/context.ts';
import type { OrderState } from '../../workflows/words/state.ts';
import { account, agency, type Workshop } from './workshop.ts';

export async function theSites() {
  const sites = await startSites();
  afterAll(() => sites.close());
  const timeouts = { connect: 1_000, answer: 500, total: 1_000 };
  const outside = httpGuard({ standin: sites.origin, timeouts });
  return { sites, ports: { outside, dns: createDns({ standin: sites.origin }) } };
}

/** The order as `state` says; what its history would have asked for is left out. */
export async function putOrder({ context: { models }, clock }: Workshop, state: OrderState): Promise<string> {
  const id = newId();
  const entry = {
    ...{ at: clock.now(), work: `${id}-made`, actor: { type: 'system' as const, id: 'test' }, cause: 'api' as const },
    ...{ action: 'create-order', outcome: 'done' as const, events: [] },
  };
  const set = { agency: agency._id, account: account._id, state: { ...state, timers: {} } };
  await models.orders.create(id, { entry, effects: [], set, dueAt: clock.now() });
  return id;
}

/** Delivers what is due of an order, with these ports, until nothing is; mails are left lying. */
export async function carryOn(shop: Workshop, order: string, ports: Partial<Context>): Promise<void> {
  for (;;) {
    const items = (await shop.context.models.work.ofOrder(order, 1_000)).reverse();
    const due = items.filter((item) => isDue(item, shop) && item.queue !== 'notifications');
    if (due.length === 0) return;
    for (const { _id } of due) {
      const ending = await shop.deliver(_id, ports);
      if (ending !== 'settled') throw new Error(`${_id} ended with ${ending}: ${shop.logged.at(-1)}`);
    }
  }
}

const isDue = ({ state, runAt }: WorkItem, { clock }: Workshop): boolean => state === 'open' && runAt <= clock.now();

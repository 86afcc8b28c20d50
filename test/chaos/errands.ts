/** Errands to the vendors of a trial: an order put straight before the stage that a vendor does, and what became of it. */
import { system } from '../../kernel/actor.ts';
import { hashedId } from '../../kernel/ids.ts';
import { after, systemClock } from '../../kernel/time.ts';
import { openWork, type WorkItem } from '../../kernel/work.ts';
import type { Dispatch } from '../../models/dispatch.ts';
import { run } from '../../workflows/engine/run.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { served } from './vendors.ts';
import type { World } from './world.ts';

const { product, stage } = served;

/** What is asked of a vendor: the dispatch's id is known before there is one. */
export interface Errand {
  vendor: string;
  order: string;
  work: string;
  dispatch: string;
}

export function errandOf(vendor: string, n: number): Errand {
  const work = `errand-${vendor}-${n}`;
  return { vendor, order: `order-${vendor}-${n}`, work, dispatch: hashedId('dispatch', work) };
}

/** Puts the order before its stage, and asks for it. */
export async function send({ models }: World, { vendor, order, work }: Errand): Promise<void> {
  const now = systemClock.now();
  const state = atTheStage(now);
  const entry = { at: now, work: `made-${order}`, actor: system, cause: 'api', action: 'create-order' } as const;
  await models.orders.create(order, {
    entry: { ...entry, outcome: 'done', events: [] },
    effects: [],
    set: { agency: vendor, account: vendor, state },
    dueAt: now,
  });
  const payload = { order, stage, round: stateOf(state, stage).round };
  const who = { actor: system, cause: 'worker', agency: vendor, account: vendor, order } as const;
  const draft = { _id: work, queue: 'fulfillment', kind: 'dispatch', schema: 1, payload, ...who };
  await models.work.insert(openWork(draft, 'ready', now));
}

function atTheStage(at: Date): OrderState {
  const client = { name: 'Cleo', email: 'cleo@clients.example' };
  const sold = { product, tier: 'basic', options: {}, source: 'manual', title: 'A profile', client } as const;
  const asked = (work: string) =>
    ({ actor: { type: 'staff', id: 'chaos', role: 'order_admin' }, at, work, reason: 'A trial.' }) as const;
  let state = run(undefined, { type: 'create-order', ...sold }, asked('made')).state;
  while (state.stage !== undefined && state.stage !== stage) {
    const command = { type: 'override-stage', stage: state.stage, action: 'complete' } as const;
    state = run(state, command, asked(`past-${state.stage}`)).state;
  }
  return state;
}

/** For each errand its dispatch, and how many ms it took from being asked until the vendor's answer was recorded. */
export async function outcomes({ models }: World, errands: Errand[]): Promise<{ dispatch?: Dispatch; ms: number }[]> {
  return Promise.all(
    errands.map(async ({ work, dispatch: id }) => {
      const [dispatch, asked, call] = await Promise.all([
        models.dispatches.get(id),
        models.work.get(work),
        models.work.get(`${id}-1-0`),
      ]);
      const ms = took(asked, call);
      return { ms, ...(dispatch && { dispatch }) };
    }),
  );
}

const took = (asked: WorkItem | null, call: WorkItem | null): number =>
  asked && call?.settledAt ? call.settledAt.getTime() - asked.createdAt.getTime() : Number.POSITIVE_INFINITY;

/** Time passes for all that waits for a vendor, breakers included: it is tried at once, under its next generation. */
export async function passTime({ models }: World): Promise<void> {
  const waiting = { queue: 'fulfillment', kind: 'call', state: 'open', phase: 'waiting' };
  await models.connection.model('VendorHealth').collection.deleteMany({});
  await models.work.model.collection.updateMany(waiting, { $set: { runAt: after(systemClock.now(), -1) } });
}

/**
 * Dead work items, as people look at them: grouped by cause, with the orders they hold up. Replaying opens an item again
 * under the next generation, from dead alone, so that two replays are one; the audit says who did it and why.
 */
import type { Actor } from '../kernel/actor.ts';
import { LostRace } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { after } from '../kernel/time.ts';
import { keptFor, type WorkItem } from '../kernel/work.ts';
import type { Envelope } from './aggregate.ts';
import type { Update } from './collection.ts';
import type { dispatchStore } from './dispatch.ts';
import { type Scope, within } from './scope.ts';
import type { Stream } from './stream.ts';
import type { WorkStore } from './work.ts';

export interface DeadGroup {
  fingerprint: string;
  message: string;
  queue: string;
  kind: string;
  count: number;
  first: Date;
  last: Date;
  /** How many orders wait for these, and the first of them. */
  held: number;
  orders: string[];
}

export interface Intervention {
  action: 'replay' | 'discard';
  actor: Actor;
  reason: string;
  at: Date;
  /** The item that has it done; absent when a person does it at once. */
  work?: string;
}

const ordersShown = 20;
const atOnce = 100;
const attempts = 10;

const dead = (scope: Scope) => ({ state: 'dead' as const, ...within(scope) });

interface Grouped extends Omit<DeadGroup, 'fingerprint' | 'held' | 'orders'> {
  _id: string;
  orders: (string | null)[];
}

const byCause = [
  { $sort: { settledAt: 1 } },
  {
    $group: {
      _id: '$failure.fingerprint',
      message: { $last: '$failure.message' },
      queue: { $last: '$queue' },
      kind: { $last: '$kind' },
      count: { $sum: 1 },
      first: { $first: '$settledAt' },
      last: { $last: '$settledAt' },
      orders: { $addToSet: '$order' },
    },
  },
  { $sort: { count: -1, _id: 1 } },
];

interface Stores {
  work: WorkStore;
  interventions: Stream<Envelope>;
  dispatches: Pick<ReturnType<typeof dispatchStore>, 'ofOrder'>;
}

export function deadLetters({ work, interventions, dispatches }: Stores) {
  const { documents: items } = work;

  return {
    async groups(scope: Scope, limit: number): Promise<DeadGroup[]> {
      const found = await items.aggregate<Grouped>([{ $match: dead(scope) }, ...byCause, { $limit: limit }]).toArray();
      return found.map(({ _id: fingerprint, orders, ...group }) => {
        const held = orders.flatMap((order) => order ?? []);
        return { ...group, fingerprint, held: held.length, orders: held.slice(0, ordersShown) };
      });
    },

    /** The items of one cause, oldest first. */
    of: (scope: Scope, fingerprint: string, limit: number) =>
      items
        .find<WorkItem>({ ...dead(scope), 'failure.fingerprint': fingerprint })
        .sort({ settledAt: 1, _id: 1 })
        .limit(limit)
        .toArray(),

    /** What lies dead of a stage of an order, oldest first: what was asked for it, of vendors too, and commands to it. */
    async ofStage(order: string, stage: string): Promise<WorkItem[]> {
      const asked = (await dispatches.ofOrder(order)).filter((dispatch) => dispatch.stage === stage);
      const of = [
        { 'payload.stage': stage },
        { 'payload.command.stage': stage },
        { 'payload.dispatch': { $in: asked.map(({ _id }) => _id) } },
      ];
      const found = items.find<WorkItem>({ ...dead({}), order, $or: of }).sort({ settledAt: 1, _id: 1 });
      return found.limit(atOnce).toArray();
    },

    get: (scope: Scope, id: string) => items.findOne<WorkItem>({ ...dead(scope), _id: id }),

    /** Resolves to how many were still dead. The line is written first: nothing is done that the audit does not know of. */
    async intervene(found: WorkItem[], intervention: Intervention, payload?: Record<string, unknown>): Promise<number> {
      for (const queue of new Set(found.map((item) => item.queue))) {
        const own = found.filter((item) => item.queue === queue);
        await record(interventions, queue, own, { ...intervention, edited: payload !== undefined });
      }
      const { at, action } = intervention;
      const writes = found.map(({ _id, generation }) => ({
        updateOne: {
          filter: { _id, state: 'dead' as const, generation },
          update: action === 'replay' ? opened(at, payload) : discarded(at),
        },
      }));
      if (writes.length === 0) return 0;
      return (await items.bulkWrite(writes, { ordered: false })).modifiedCount;
    },
  };
}

/** The body's hash stays: whoever repeats the request that made the item still means the same request. */
function opened(at: Date, payload?: Record<string, unknown>): Update<WorkItem> {
  return {
    $set: { state: 'open', phase: 'ready', dueAt: at, probes: 0, payload },
    $inc: { generation: 1 },
    $unset: { settledAt: 1, failure: 1 },
  };
}

const discarded = (at: Date): Update<WorkItem> => ({
  $set: { state: 'discarded', settledAt: at, expireAt: after(at, keptFor) },
});

/** One line in the queue's stream of interventions, whoever else writes to it at the time. */
async function record(
  stream: Stream<Envelope>,
  queue: string,
  found: WorkItem[],
  { action, actor, reason, at, work: asked, edited }: Intervention & { edited: boolean },
): Promise<void> {
  const work = asked ?? newId();
  const causes = [...new Set(found.map(({ failure }) => failure?.fingerprint))];
  const event = { type: `dead-letters-${action}`, count: found.length, causes, items: idsOf(found), edited };
  const entry = {
    at,
    work,
    actor,
    cause: asked ? ('worker' as const) : ('api' as const),
    action,
    outcome: 'done' as const,
    reason,
    events: [event],
  };
  const change = { entry, effects: [], set: {}, dueAt: at };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const read = (await stream.get(queue)) ?? (await stream.create(queue, change));
      if (!(await stream.lineOf(read, work))) await stream.commit(read, change);
      return;
    } catch (error) {
      if (!(error instanceof LostRace) || attempt === attempts) throw error;
    }
  }
}

const idsOf = (found: WorkItem[]): string[] => found.slice(0, 200).map(({ _id }) => _id);

/**
 * The smallest aggregate that uses all of the machinery: a tally. `add` counts one, refuses above a limit, and asks for
 * another command in its own queue, a letter in another, and a timer, so that each kind of child is there.
 */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { after } from '../../kernel/time.ts';
import type { EffectDraft, WorkDraft, WorkItem } from '../../kernel/work.ts';
import type { Order } from '../../models/order.ts';
import { defineQueue } from '../../queues/contract.ts';
import { apply, type Decision } from '../../workers/apply.ts';
import { defineWorker, done } from '../../workers/define.ts';

const command = z.object({ order: z.string(), depth: z.number(), amount: z.number() });
const send = z.object({ order: z.string(), depth: z.number() });

export const limit = 6;

const setup = defineQueue('setup', { command });
const notifications = defineQueue('notifications', { send });

export const tallyWorker = defineWorker({
  queue: setup,
  concurrency: 1,
  handlers: {
    async command({ order: id, depth, amount }, item, context) {
      const decide = (order: Order | undefined) => add(order, { id, depth, amount, item, at: context.clock.now() });
      return apply({ stream: context.models.orders, id, item, action: 'add', decide }, context);
    },
  },
});

/** Letters are written to this ledger: a receiver that knows the key of each. */
export function letterWorker(ledger: Map<string, number>) {
  return defineWorker({
    queue: notifications,
    concurrency: 1,
    handlers: {
      async send(_, item) {
        ledger.set(item._id, (ledger.get(item._id) ?? 0) + 1);
        return done;
      },
    },
  });
}

export function ask(id: string, work: string, amount: number): WorkDraft {
  return { ...origin(id), _id: work, queue: 'setup', kind: 'command', payload: { order: id, depth: 0, amount } };
}

function origin(order: string) {
  const actor = { type: 'service' as const, id: 'tester' };
  return { schema: 1, actor, cause: 'api' as const, agency: 'agency', account: `account-${order}`, order };
}

interface Asked {
  id: string;
  depth: number;
  amount: number;
  item: WorkItem;
  at: Date;
}

function add(order: Order | undefined, { id, depth, amount, item, at }: Asked): Decision {
  const total = (order?.state as unknown as { total: number } | undefined)?.total ?? 0;
  if (total + amount > limit) throw new Refusal('rounds_used_up', `The tally may not exceed ${limit}.`);
  const child = { ...origin(id), payload: { order: id, depth: depth + 1, amount } };
  const effects: EffectDraft[] = [
    { ...child, queue: 'notifications', kind: 'send', payload: { order: id, depth } },
    ...(depth < 1 ? [{ ...child, queue: 'setup', kind: 'command' }] : []),
    ...(depth === 0
      ? [
          {
            ...child,
            _id: `timer-${item._id}`,
            queue: 'notifications',
            kind: 'send',
            payload: { order: id, depth },
            runAt: after(at, 30_000),
          },
        ]
      : []),
  ];
  return {
    set: { agency: 'agency', account: `account-${id}`, state: { total: total + amount } },
    events: [{ type: 'added', amount }],
    effects,
  };
}

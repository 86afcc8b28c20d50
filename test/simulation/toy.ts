/**
 * The smallest aggregate that uses all of the machinery: a tally. `add` counts one, refuses above a limit, and asks for
 * another command in its own queue, a letter in another, and a timer, so that each kind of child is there.
 */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { after } from '../../kernel/time.ts';
import type { EffectDraft, WorkDraft, WorkItem } from '../../kernel/work.ts';
import type { Order } from '../../models/order.ts';
import { defineQueue, idempotent, once } from '../../queues/contract.ts';
import { apply, type Decision } from '../../workers/machine/apply.ts';
import { defineWorker, done } from '../../workers/machine/define.ts';

const command = z.object({ order: z.string(), depth: z.number(), amount: z.number() });
const send = z.strictObject({ order: z.string(), depth: z.number(), notBefore: z.date().optional() });
const sendMany = send.extend({ copies: z.number() });

export const limit = 6;
const timerAfter = 30_000;

const setup = defineQueue('setup', { command: idempotent(command) });
const notifications = defineQueue('notifications', { send: once(send) });
const newerNotifications = defineQueue('notifications', { send: once(send.or(sendMany)) }, { schema: 2 });

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

/** What a receiver knows: the key of each letter and how often it came, and which came before their time. */
export interface Ledger {
  letters: Map<string, number>;
  early: string[];
}

export const newLedger = (): Ledger => ({ letters: new Map(), early: [] });

/** Letters are written to the ledger. Only a newer worker knows what a letter in copies is. */
export function letterWorker({ letters, early }: Ledger, { isNewer = false } = {}) {
  return defineWorker({
    queue: isNewer ? newerNotifications : notifications,
    concurrency: 1,
    handlers: {
      async send({ notBefore }, item, { business }) {
        if (notBefore && notBefore > business.now()) early.push(item._id);
        letters.set(item._id, (letters.get(item._id) ?? 0) + 1);
        return done;
      },
    },
  });
}

/** As a newer version of the application would ask it. */
export function askForCopies(order: string, work: string): WorkDraft {
  const payload = { order, depth: 0, copies: 2 };
  return { ...origin(order), _id: work, queue: 'notifications', kind: 'send', schema: 2, payload };
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
            payload: { order: id, depth, notBefore: after(at, timerAfter) },
            runAt: after(at, timerAfter),
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

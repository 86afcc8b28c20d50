/**
 * The dispatcher's tick: what is open gets nudged, fairly; what lost its job gets another; what was left in an outbox is
 * drained; what BullMQ gave up on becomes a dead letter. Two may run: every step is a conditional update.
 */

import { hashedId } from '../../kernel/ids.ts';
import { after, seconds } from '../../kernel/time.ts';
import { failureOf, openWork, type WorkItem } from '../../kernel/work.ts';
import { from } from '../../queues/from.ts';
import { contractOf, fromOutside, queues } from '../../queues/index.ts';
import type { Abandoned } from '../../queues/nudger.ts';
import { newTurns, type Turns } from '../../queues/turns.ts';
import { admit } from './admit.ts';
import { arrange } from './arrange.ts';
import type { Context } from './context.ts';
import { drain } from './drain.ts';

/** What a dispatcher remembers between ticks: its pulse, the account whose turn comes next in each queue, and who has had a turn in the intake. */
export interface DispatcherState {
  name: string;
  beat: number;
  cursors: Map<string, string>;
  turns: Turns;
}

export const newDispatcher = (name: string): DispatcherState => ({
  ...{ name, beat: 0, cursors: new Map(), turns: newTurns() },
});

const probesAllowed = 10;
const atOnce = 500;

/** Resolves to true when anything was admitted or put in turn: then the next tick should follow soon. */
export async function tick(state: DispatcherState, context: Context): Promise<boolean> {
  await drainLeftovers(context);
  await context.models.work.wake(context.business.now());
  if (!context.nudger.isUp()) return false;
  await beat(state, context);
  await sweep(context);
  await checkLeases(context);
  const arranged = await arrange(state.turns, context);
  return (await admit(state.cursors, context)) || arranged;
}

/**
 * A number left in Redis at each tick. Redis that was emptied, or that came back older than it was, shows a smaller one:
 * then every nudged item is looked for at once instead of when its lease ends.
 */
async function beat(state: DispatcherState, { models, nudger, clock, log }: Context): Promise<void> {
  const found = await nudger.pulse(state.name);
  if (found === undefined || found < state.beat - 1) {
    if (state.beat > 0)
      log.warn({ found, expected: state.beat }, 'redis has lost something: all nudged items are looked for');
    await models.work.recall(clock.now());
  }
  state.beat += 1;
  await nudger.setPulse(state.name, state.beat);
}

/** An expired lease proves nothing: the queue may be long. A job that is there gets ten more; one that has gone, a new one. */
async function checkLeases({ models: { work }, nudger, clock }: Context): Promise<void> {
  const expired = await work.expired(clock.now(), atOnce);
  const alive = await nudger.probe(expired);
  const found = expired.map((item, index) => ({ item, alive: alive[index] === true && item.probes < probesAllowed }));
  await work.renewOrRelease(found, clock.now());
}

/** What BullMQ counts as failed is recorded as dead, by the same filter as a worker's own, and then forgotten there. */
async function sweep({ models: { work }, nudger, clock, log }: Context): Promise<void> {
  for (const queue of [...Object.keys(queues), ...fromOutside]) {
    for (const job of await nudger.abandoned(queue, atOnce)) {
      const { workId, generation, reason, isPoison } = job;
      if (workId && generation !== undefined) {
        await work.bury({ _id: workId, generation }, failureOf(queue, new Error(reason), clock.now()));
      } else {
        log.error({ queue, job: job.job, reason }, 'a job that is not ours, or is damaged, was removed');
        // What nobody could read, of a queue that others fill, is a refusal: nothing of ours is amiss.
        if (!isPoison || !fromOutside.includes(queue)) await work.insert(foreignItem(job, clock.now()));
      }
      await nudger.forget(job);
    }
    await nudger.tidy(queue);
  }
}

/** For people to see. An item of ours whose job was damaged is still open, and gets another job when its lease ends. */
function foreignItem({ queue, job, reason, said }: Abandoned, now: Date): WorkItem {
  const { schema } = contractOf(queue);
  const who = from({ agency: 'none', account: 'none' });
  const payload = said === undefined ? {} : { said };
  const draft = { _id: `foreign-${hashedId(queue, job)}`, queue, kind: 'foreign', schema, payload, ...who };
  const failure = failureOf(queue, new Error(reason), now);
  return { ...openWork(draft, 'ready', now), state: 'dead', failure, settledAt: now };
}

/** Outboxes whose worker died between its commit and its drain. */
async function drainLeftovers(context: Context): Promise<void> {
  const { models, clock, log } = context;
  for (const stream of models.streams) {
    for (const id of await stream.due(clock.now(), atOnce)) {
      const read = await stream.get(id);
      if (read) await drain(stream, read, context).catch((error) => putOff(id, error));
    }

    async function putOff(id: string, error: Error): Promise<void> {
      log.warn({ aggregate: id, error: error.message }, 'an outbox could not be drained');
      await stream.postpone(id, after(clock.now(), seconds(5)));
    }
  }
}

/**
 * Looks into the database for what is still to be done: nothing is, once no outbox holds anything and no work item is
 * open but those that wait for a later time. Only then is everything there that followed, and time may move on.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, minutes } from '../../kernel/time.ts';
import { openModels } from '../../models/open.ts';
import { queues } from '../../queues/index.ts';
import { connectMongo } from '../../runtime/mongo.ts';

const patience = 90_000;
const pause = 100;
const everything = new Date(8_640_000_000_000_000);
/** What waits no longer than this is waited for: a mail whose sender died, say. */
const soon = minutes(1);

export interface Watch {
  /** Resolves to what is still open when the time is up: nothing, unless something is wrong. */
  untilQuiet(): Promise<string[]>;
  /** When the first of the items that wait is due. */
  nextDue(): Promise<Date | undefined>;
  close(): Promise<void>;
}

/** `isIdle` tells whether those outside have done what they were asked. */
export async function watchWork(mongoUri: string, business: Clock, isIdle: () => boolean): Promise<Watch> {
  const connection = await connectMongo(mongoUri, { waitMs: 30_000 });
  const { work, streams } = openModels(connection);

  const open = (filter: object) =>
    work.model.collection.find({ state: 'open', ...filter }, { projection: { queue: 1, kind: 1 } }).toArray();

  async function stillOpen(): Promise<string[]> {
    if (!isIdle()) return ['something outside'];
    const by = new Date(business.now().getTime() + soon);
    const items = [
      ...(await open({ queue: { $in: Object.keys(queues) }, phase: { $in: ['ready', 'nudged'] } })),
      ...(await open({ phase: 'waiting', runAt: { $lte: by } })),
    ];
    if (items.length > 0) return items.map(({ _id, queue, kind }) => `${queue} ${kind} ${_id}`);
    const undrained = await Promise.all(streams.map((stream) => stream.due(everything, 10)));
    return undrained.flat().map((id) => `the outbox of ${id}`);
  }

  return {
    /** Twice in a row: a look takes a moment, in which an item may pass from one collection to the other. */
    async untilQuiet() {
      const deadline = performance.now() + patience;
      let left = ['everything'];
      let looks = 0;
      while (looks < 2 && performance.now() < deadline) {
        left = await stillOpen().catch((error: Error) => [error.message]);
        looks = left.length > 0 ? 0 : looks + 1;
        if (looks < 2) await delay(pause);
      }
      return left;
    },
    async nextDue() {
      const waiting = work.model.collection.find({ state: 'open', phase: 'waiting' });
      const [first] = await waiting.sort({ runAt: 1 }).limit(1).toArray();
      return first?.['runAt'] as Date | undefined;
    },
    close: () => connection.close(),
  };
}

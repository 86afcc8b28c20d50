/**
 * Waits until everything that was begun is finished: no outbox holds anything and no work item is open but those that
 * wait for a later day. Only then are the mails all there, and can be counted.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { after, systemClock } from '../../kernel/time.ts';
import { openModels } from '../../models/open.ts';
import { connectMongo } from '../../runtime/mongo.ts';

const patience = 90_000;
const pause = 250;

/** Resolves to what is still open when the time is up: nothing, unless something is wrong. */
export async function untilQuiet(mongoUri: string): Promise<string[]> {
  const deadline = performance.now() + patience;
  let open = ['everything'];
  while (open.length > 0 && performance.now() < deadline) {
    open = await stillOpen(mongoUri).catch((error: Error) => [error.message]);
    if (open.length > 0) await delay(pause);
  }
  return open;
}

async function stillOpen(mongoUri: string): Promise<string[]> {
  const connection = await connectMongo(mongoUri);
  try {
    const { work, streams } = openModels(connection);
    const undrained = await Promise.all(
      streams.map(({ model }) => model.collection.find({ 'outbox.0': { $exists: true } }).toArray()),
    );
    // A mail whose sender died waits for its turn to be sent again; a timer of another day is not waited for.
    const soon = after(systemClock.now(), patience);
    const under = [{ phase: { $in: ['ready', 'nudged'] } }, { phase: 'waiting', runAt: { $lte: soon } }];
    const items = await work.model.collection.find({ state: 'open', $or: under }).toArray();
    return [
      ...undrained.flat().map(({ _id }) => `the outbox of ${_id}`),
      ...items.map(({ _id, queue, kind }) => `${queue} ${kind} ${_id}`),
    ];
  } finally {
    await connection.close();
  }
}

/**
 * Closing workers in time: they finish what they hold, but a handler that hangs is not waited for. Its job stalls and is
 * given to another worker; its item is still open, so nothing is lost.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { seconds } from '../../kernel/time.ts';

interface Closable {
  close(force?: boolean): Promise<void>;
}

/** Well inside the 25 s that a process has. */
const patience = seconds(18);

/** Resolves to true when everything under way was finished. */
export async function closeAll(workers: Closable[], within = patience): Promise<boolean> {
  const stopping = new AbortController();
  const finished = Promise.all(workers.map((worker) => worker.close())).then(() => true);
  const late = wait(within, false, { signal: stopping.signal }).catch(() => false);
  const inTime = await Promise.race([finished, late]);
  stopping.abort();
  finished.catch(() => undefined);
  if (!inTime) await Promise.race([Promise.all(workers.map((worker) => worker.close(true))), wait(seconds(2))]);
  return inTime;
}

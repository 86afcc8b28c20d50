/** Leaving in order: told to stop, a process finishes what it holds, closes its connections and is gone within 25 s. */
import closeWithGrace from 'close-with-grace';
import { seconds } from '../kernel/time.ts';
import type { Log } from './log.ts';

export function whenToldToStop(log: Log, stop: () => Promise<void>): void {
  closeWithGrace({ delay: seconds(25), logger: false }, async ({ signal, err }) => {
    if (err) log.error({ error: err.message, stack: err.stack }, 'crashed');
    else log.info({ signal }, 'stopping');
    await stop();
  });
}

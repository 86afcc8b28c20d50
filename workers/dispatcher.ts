/** The dispatcher's process: one tick after another, at once while there is something to admit, else four times a second. */
import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '../kernel/ids.ts';
import { configOf } from '../runtime/entry.ts';
import { createLog } from '../runtime/log.ts';
import { ticks } from '../runtime/metrics.ts';
import { whenToldToStop } from '../runtime/shutdown.ts';
import { beginLife } from './machine/life.ts';
import { openContext } from './machine/open.ts';
import { newDispatcher, tick } from './machine/tick.ts';

const pause = { busy: 10, idle: 250, fault: 1_000 };

const config = configOf('The dispatcher');
const log = createLog('dispatcher', config.logLevel);
const { context, close } = await openContext(config, log);
const state = newDispatcher(newId());
const stopping = new AbortController();
const life = await beginLife('dispatcher', [], context, config);

const loop = (async () => {
  log.info('dispatching');
  while (!stopping.signal.aborted) {
    const timed = ticks.startTimer();
    const begun = performance.now();
    const next = await tick(state, context).then(
      (admitted) => {
        timed();
        life.progress();
        return admitted ? pause.busy : pause.idle;
      },
      (error: Error) => {
        log.warn({ error: error.message }, 'tick failed');
        return pause.fault;
      },
    );
    // A slow database is not asked more often for being slow: where there was nothing to admit, the rest is at least as
    // long as the tick took.
    const took = next === pause.busy ? 0 : performance.now() - begun;
    await wait(Math.max(next, Math.min(took, pause.fault)), undefined, { signal: stopping.signal }).catch(
      () => undefined,
    );
  }
})();

whenToldToStop(log, async () => {
  stopping.abort();
  await loop;
  await life.end();
  await close();
});

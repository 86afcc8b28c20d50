/**
 * What a working process tells of itself: a heartbeat in the database, and its health port. It is stuck when it has done
 * nothing for a minute though jobs wait for it: a process that merely runs proves nothing.
 */
import { hostname } from 'node:os';
import { newId } from '../../kernel/ids.ts';
import { minutes } from '../../kernel/time.ts';
import { backlogOf, isWaitedFor } from '../../models/backlog.ts';
import { beatEvery } from '../../models/heartbeat.ts';
import type { Config } from '../../runtime/config.ts';
import { listenAt } from '../../runtime/entry.ts';
import { serveHealth } from '../../runtime/health-server.ts';
import { watchOpenWork } from '../../runtime/metrics.ts';
import type { Context } from './context.ts';

const patience = minutes(1);

export interface Life {
  /** Something was done. */
  progress(): void;
  end(): Promise<void>;
}

/** `queues` is empty for the dispatcher, which always has something to do. */
export async function beginLife(name: string, queues: string[], context: Context, config: Config): Promise<Life> {
  const { models, clock, log } = context;
  const id = `${hostname()}-${process.pid}-${newId()}`;
  const startedAt = clock.now();
  let lastDoneAt = startedAt;
  let done = 0;
  const beat = () =>
    models.heartbeats
      .beat({ _id: id, name, queues, pid: process.pid, startedAt, at: clock.now(), done, lastDoneAt })
      .catch((error: Error) => log.warn({ error: error.message }, 'no heartbeat'));
  const timer = setInterval(beat, beatEvery).unref();
  void beat();
  if (queues.length === 0) watchOpenWork(() => backlogOf(models.work, clock.now()));

  const place = { host: config.host, port: config.healthPort ?? 0, variable: 'HEALTH_PORT' };
  const serve = () => serveHealth(place, { stuck, ready: () => models.lookups.ping() }, log);
  const health = config.healthPort === undefined ? undefined : await listenAt(place, serve);

  return {
    progress() {
      done += 1;
      lastDoneAt = clock.now();
    },
    async end() {
      clearInterval(timer);
      await health?.close();
      await models.heartbeats.forget(id).catch(() => undefined);
    },
  };

  async function stuck(): Promise<string | undefined> {
    const idle = clock.now().getTime() - lastDoneAt.getTime();
    if (idle < patience) return undefined;
    const since = `Nothing was done for ${Math.round(idle / 1_000)} s`;
    if (queues.length === 0) return `${since}.`;
    return (await isWaitedFor(models.work, queues)) ? `${since} though jobs wait.` : undefined;
  }
}

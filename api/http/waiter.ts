/**
 * Waiting for work items to be settled, for `Prefer: wait`. One poller serves all that wait in this process, with one
 * query a turn; beyond `most`, a caller is not made to wait and gets the 202 at once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkItem } from '../../kernel/work.ts';

interface Waiting {
  id: string;
  give: (item: WorkItem | undefined) => void;
}

export interface Waiter {
  /** The settled item, or undefined when the time is up first. */
  settled(id: string, ms: number): Promise<WorkItem | undefined>;
  close(): void;
}

export function createWaiter(
  settledOf: (ids: string[]) => Promise<WorkItem[]>,
  { every = 50, most = 500 } = {},
): Waiter {
  const waiting = new Set<Waiting>();
  let isPolling = false;

  async function poll(): Promise<void> {
    if (isPolling) return;
    isPolling = true;
    while (waiting.size > 0) {
      await pause(every);
      const ids = [...new Set([...waiting].map(({ id }) => id))];
      const found = await settledOf(ids).catch(() => []);
      for (const one of waiting) {
        const item = found.find(({ _id }) => _id === one.id);
        if (item) one.give(item);
      }
    }
    isPolling = false;
  }

  return {
    settled(id, ms) {
      if (waiting.size >= most) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const one: Waiting = {
          id,
          give(item) {
            clearTimeout(timer);
            waiting.delete(one);
            resolve(item);
          },
        };
        const timer = setTimeout(() => one.give(undefined), ms);
        waiting.add(one);
        void poll();
      });
    },

    close() {
      for (const one of [...waiting]) one.give(undefined);
    },
  };
}

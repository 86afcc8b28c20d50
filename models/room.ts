/**
 * Whether an item may be nudged at once. The counts come from the items themselves and are asked for at most ten times a
 * second; what was granted since is added to them, so that a burst cannot slip through between two counts.
 */
export interface Counts {
  ready: number;
  mine: number;
  all: number;
}

/** At most this many items of an account, and of a whole queue, are nudged at a time. */
export const window = { account: 100, queue: 1_000 };

const freshFor = 100;
const accountsKept = 1_000;

export function roomKeeper(count: (queue: string, account: string) => Promise<Counts>) {
  const views = new Map<string, { until: number; counts: Promise<Counts> }>();

  return async (queue: string, account: string): Promise<boolean> => {
    const counts = await viewOf(queue, account);
    const room = counts.ready === 0 && counts.mine < window.account && counts.all < window.queue;
    if (room) {
      counts.mine += 1;
      counts.all += 1;
    }
    return room;
  };

  function viewOf(queue: string, account: string): Promise<Counts> {
    const key = `${queue} ${account}`;
    const known = views.get(key);
    const now = performance.now();
    if (known && known.until > now) return known.counts;
    if (views.size > accountsKept) views.clear();
    const counts = count(queue, account);
    views.set(key, { until: now + freshFor, counts });
    counts.catch(() => views.delete(key));
    return counts;
  }
}

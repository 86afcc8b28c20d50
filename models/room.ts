/**
 * Whether an item may be nudged at once. The counts come from the items themselves, are shared by all accounts of a
 * queue and never take more than a tenth of the time; what was granted since is added to them, so that a burst cannot
 * slip through between two counts.
 */
export interface Counting {
  /** How many items of each account are nudged. */
  nudged(queue: string): Promise<Map<string, number>>;
  /** True when something of the account waits its turn. */
  isWaiting(queue: string, account: string): Promise<boolean>;
}

/** At most this many items of an account, and of a whole queue, are nudged at a time. */
export const window = { account: 100, queue: 1_000 };

const freshFor = 100;
const shareOfTime = 10;

interface View {
  until: number;
  nudged: Promise<{ all: number; of: Map<string, number> }>;
  waiting: Map<string, Promise<boolean>>;
}

export function roomKeeper({ nudged, isWaiting }: Counting) {
  const views = new Map<string, View>();

  return async (queue: string, account: string): Promise<boolean> => {
    const view = viewOf(queue);
    const [counts, waits] = await Promise.all([view.nudged, waitingIn(view, queue, account)]);
    const mine = counts.of.get(account) ?? 0;
    const room = !waits && mine < window.account && counts.all < window.queue;
    if (room) {
      counts.of.set(account, mine + 1);
      counts.all += 1;
    }
    return room;
  };

  function viewOf(queue: string): View {
    const known = views.get(queue);
    if (known && known.until > performance.now()) return known;
    const begun = performance.now();
    const view: View = { until: Number.POSITIVE_INFINITY, nudged: counted(queue), waiting: new Map() };
    view.nudged.then(
      () => {
        const now = performance.now();
        view.until = now + Math.max(freshFor, (now - begun) * shareOfTime);
      },
      () => views.delete(queue),
    );
    views.set(queue, view);
    return view;
  }

  async function counted(queue: string) {
    const of = await nudged(queue);
    return { all: [...of.values()].reduce((sum, count) => sum + count, 0), of };
  }

  function waitingIn({ waiting }: View, queue: string, account: string): Promise<boolean> {
    const known = waiting.get(account);
    if (known) return known;
    const asked = isWaiting(queue, account);
    waiting.set(account, asked);
    asked.catch(() => waiting.delete(account));
    return asked;
  }
}

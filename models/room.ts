/**
 * Whether an item may be nudged at once. The counts come from the items themselves, are shared by all accounts of a
 * queue and never take more than a tenth of the time. While they are made anew the last ones are good for a moment more,
 * so that hardly anybody waits for them; what is granted meanwhile is added to both, so that a burst has one window, not
 * one for each count.
 */
export interface Counting {
  /** How many items of each account are nudged. */
  nudged(queue: string): Promise<Map<string, number>>;
  /** True when something waits its turn, of this account or of any. */
  isWaiting(queue: string, account?: string): Promise<boolean>;
}

/** At most this many items of an account, and of a whole queue, are nudged at a time. */
export const window = { account: 100, queue: 1_000 };
/** Where the hosts of an account may keep its items for as long as they please, the rest of them waits in the database. */
const ofOutside: Record<string, number> = { checks: 8, fulfillment: 50 };

/** How many items of one account may be nudged in this queue. */
export const accountWindow = (queue: string): number => ofOutside[queue] ?? window.account;

const freshFor = 100;
const shareOfTime = 10;
/** From being fresh no more until being of no use. */
const staleFor = 1_000;

interface Counts {
  all: number;
  of: Map<string, number>;
  someWait: boolean;
}

interface View {
  freshUntil: number;
  counts: Promise<Counts>;
  waiting: Map<string, Promise<boolean>>;
}

/** `now` is in ms; its beginning does not matter. */
export function roomKeeper({ nudged, isWaiting }: Counting, now = () => performance.now()) {
  const views = new Map<string, View>();
  const coming = new Map<string, View>();

  return async (queue: string, account: string): Promise<boolean> => {
    const view = viewOf(queue);
    const counts = await view.counts;
    const waits = counts.someWait && (await waitingIn(view, queue, account));
    const room = !waits && (counts.of.get(account) ?? 0) < accountWindow(queue) && counts.all < window.queue;
    if (room) {
      grant(counts, account);
      // The counts may have been made anew since, or be on their way.
      const others = new Set([views.get(queue), coming.get(queue)]);
      others.delete(view);
      for (const other of others) other?.counts.then((later) => grant(later, account)).catch(() => undefined);
    }
    return room;
  };

  function viewOf(queue: string): View {
    const known = views.get(queue);
    const stale = now() - (known?.freshUntil ?? Number.NEGATIVE_INFINITY);
    if (known && stale < 0) return known;
    const next = coming.get(queue) ?? look(queue);
    return known && stale < staleFor ? known : next;
  }

  function look(queue: string): View {
    const begun = now();
    const view: View = { freshUntil: 0, counts: counted(queue), waiting: new Map() };
    coming.set(queue, view);
    const end = () => coming.delete(queue); // Whoever waits hears of an outage; the next one asks again.
    view.counts.then(() => {
      view.freshUntil = now() + Math.max(freshFor, (now() - begun) * shareOfTime);
      views.set(queue, view);
      end();
    }, end);
    return view;
  }

  async function counted(queue: string): Promise<Counts> {
    const [of, someWait] = await Promise.all([nudged(queue), isWaiting(queue)]);
    return { of, someWait, all: [...of.values()].reduce((sum, count) => sum + count, 0) };
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

function grant(counts: Counts, account: string): void {
  counts.of.set(account, (counts.of.get(account) ?? 0) + 1);
  counts.all += 1;
}

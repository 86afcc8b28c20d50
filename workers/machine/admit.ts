/**
 * Fairness: ready items are nudged account by account in turn, inside a window for each account and one for each queue.
 * The windows are counted from the items themselves, so no counter can drift.
 */

import type { WorkItem } from '../../kernel/work.ts';
import { accountWindow, window } from '../../models/room.ts';
import { contractOf, queues } from '../../queues/index.ts';
import type { Context } from './context.ts';

const pagesAtOnce = 20;

/** `cursors` says after which account each queue goes on. Resolves to true when anything was nudged. */
export async function admit(cursors: Map<string, string>, context: Context): Promise<boolean> {
  let admitted = 0;
  for (const queue of Object.keys(queues)) admitted += await admitQueue(contractOf(queue).name, cursors, context);
  return admitted > 0;
}

/** The nudges of a page are on their way to Redis while the next page is read and claimed. */
async function admitQueue(queue: string, cursors: Map<string, string>, context: Context): Promise<number> {
  const { work } = context.models;
  let page = await work.readyAfter(queue, cursors.get(queue) ?? '', window.account);
  if (page.length === 0 && !cursors.get(queue)) return 0;

  const counts = await work.nudgedByAccount(queue);
  let room = window.queue - [...counts.values()].reduce((sum, count) => sum + count, 0);
  let admitted = 0;
  let nudging: Promise<unknown> = Promise.resolve();
  for (let turn = 0; turn < pagesAtOnce && room > 0 && page.length > 0; turn += 1) {
    const { whole, last } = wholeAccounts(page);
    const claimed = await work.claim(inWindow(whole, counts, accountWindow(queue)).slice(0, room), context.clock.now());
    await nudging;
    nudging = nudgeAll(claimed, context);
    room -= claimed.length;
    admitted += claimed.length;
    cursors.set(queue, last);
    page = await work.readyAfter(queue, last, window.account);
  }
  await nudging;
  if (page.length === 0) cursors.set(queue, '');
  return admitted;
}

/** A full page may end in the midst of an account. That one comes with the next page, unless it fills a page by itself. */
function wholeAccounts(page: WorkItem[]): { whole: WorkItem[]; last: string } {
  const last = page.at(-1)?.account ?? '';
  const before = page.findLast(({ account }) => account !== last);
  if (page.length < window.account || !before) return { whole: page, last };
  return { whole: page.filter(({ account }) => account !== last), last: before.account };
}

/** What the windows of the accounts leave room for; `counts` is how many of each are nudged, and is kept. */
function inWindow(ready: WorkItem[], counts: Map<string, number>, most: number): WorkItem[] {
  return ready.filter(({ account }) => {
    const count = counts.get(account) ?? 0;
    if (count >= most) return false;
    counts.set(account, count + 1);
    return true;
  });
}

/** An item whose nudge fails keeps its lease; when that runs out, the dispatcher looks again. */
function nudgeAll(claimed: WorkItem[], { nudger }: Context): Promise<unknown> {
  return Promise.all(claimed.map((item) => nudger.nudge(item).catch(() => undefined)));
}

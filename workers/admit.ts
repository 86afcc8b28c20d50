/**
 * Fairness: ready items are nudged account by account in turn, inside a window for each account and one for each queue.
 * The windows are counted from the items themselves, so no counter can drift.
 */

import { window } from '../models/room.ts';
import { contractOf, queues } from '../queues/index.ts';
import type { Context } from './context.ts';

const accountsAtOnce = 200;

/** `cursors` says after which account each queue goes on. Resolves to true when anything was nudged. */
export async function admit(cursors: Map<string, string>, context: Context): Promise<boolean> {
  let admitted = 0;
  for (const queue of Object.keys(queues)) admitted += await admitQueue(contractOf(queue).name, cursors, context);
  return admitted > 0;
}

async function admitQueue(queue: string, cursors: Map<string, string>, context: Context): Promise<number> {
  const { work } = context.models;
  const begin = cursors.get(queue) ?? '';
  const first = await work.nextAccount(queue, begin);
  if (first === undefined && begin === '') return 0;

  const nudged = await work.nudgedByAccount(queue);
  let room = window.queue - [...nudged.values()].reduce((sum, count) => sum + count, 0);
  let admitted = 0;
  let account = first;
  for (let turn = 0; turn < accountsAtOnce && room > 0 && account !== undefined; turn += 1) {
    const share = Math.min(window.account - (nudged.get(account) ?? 0), room);
    const taken = share > 0 ? await admitAccount(queue, account, share, context) : 0;
    room -= taken;
    admitted += taken;
    cursors.set(queue, account);
    account = await work.nextAccount(queue, account);
  }
  if (account === undefined) cursors.set(queue, '');
  return admitted;
}

/** An item whose nudge fails keeps its lease; when that runs out, the dispatcher looks again. */
async function admitAccount(
  queue: string,
  account: string,
  share: number,
  { models, nudger, clock }: Context,
): Promise<number> {
  const claimed = await models.work.claim(await models.work.readyOf(queue, account, share), clock.now());
  await Promise.all(claimed.map((item) => nudger.nudge(item).catch(() => undefined)));
  return claimed.length;
}

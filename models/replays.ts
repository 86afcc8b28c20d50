/**
 * What a replay may do with dead items: the rules of step safety, asked of what the records of mails and of vendors say.
 * What was done once is not done again, and where nobody knows whether it was, a person finds out first.
 */
import { hashedId } from '../kernel/ids.ts';
import type { WorkItem } from '../kernel/work.ts';
import { type Attempt, onReplay } from '../workflows/rules/safety.ts';
import type { Effect } from '../workflows/words/effects.ts';
import type { Dispatch, dispatchStore } from './dispatch.ts';
import type { Notification, notificationStore } from './notification.ts';

export interface Replayable {
  again: WorkItem[];
  /** Done before; these stay as they are. */
  finished: WorkItem[];
  /** For a person to find out about. */
  unknown: WorkItem[];
}

interface Records {
  notifications: Pick<ReturnType<typeof notificationStore>, 'get'>;
  dispatches: Pick<ReturnType<typeof dispatchStore>, 'get'>;
}

export function replays(records: Records) {
  return async function sortOut(found: readonly WorkItem[]): Promise<Replayable> {
    const sorted: Replayable = { again: [], finished: [], unknown: [] };
    for (const item of found) sorted[places[await verdictOn(item, records)]].push(item);
    return sorted;
  };
}

const places = { do: 'again', skip: 'finished', 'ask-a-person': 'unknown' } as const;

async function verdictOn({ _id, kind }: WorkItem, { notifications, dispatches }: Records) {
  if (kind === 'send' || kind === 'tell') return onReplay(effects[kind], afterMail(await notifications.get(_id)));
  if (kind === 'dispatch') return onReplay(effects[kind], afterCall(await dispatches.get(hashedId('dispatch', _id))));
  return 'do';
}

/** The effects that are done once only, by the kind of their items. */
const effects: Record<'send' | 'tell' | 'dispatch', Pick<Effect, 'type'>> = {
  send: { type: 'notify' },
  tell: { type: 'tell' },
  dispatch: { type: 'dispatch' },
};

const mails: Record<Notification['state'], Attempt> = {
  queued: 'failed',
  failed: 'failed',
  sent: 'succeeded',
  sending: 'unknown',
  unknown: 'unknown',
};

const afterMail = (mail: Notification | null): Attempt => (mail ? mails[mail.state] : 'never');

/** Until they have been called, and while they are, another try comes under the same key. */
const calls: Record<Dispatch['status'], Attempt> = {
  calling: 'failed',
  failed: 'failed',
  withdrawn: 'failed',
  accepted: 'succeeded',
  done: 'succeeded',
  unknown: 'unknown',
};

const afterCall = (dispatch: Dispatch | null): Attempt => (dispatch ? calls[dispatch.status] : 'never');

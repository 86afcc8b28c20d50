/**
 * What a replay may do with dead items: what their kinds declare, asked of what the records of mails and of vendors say.
 * What was done once is not done again; where nobody knows whether it was, and of a kind nobody knows, a person decides.
 */
import { hashedId } from '../kernel/ids.ts';
import type { WorkItem } from '../kernel/work.ts';
import { type Attempt, type Replay, replayOf } from '../workflows/rules/safety.ts';
import { kindOf } from './contract.ts';
import { queues } from './index.ts';

export interface Replayable {
  again: WorkItem[];
  /** Done before; these stay as they are. */
  finished: WorkItem[];
  /** For a person to find out about. */
  unknown: WorkItem[];
}

type MailState = 'queued' | 'held' | 'superseded' | 'failed' | 'bounced' | 'sent' | 'sending' | 'unknown';
type CallStatus = 'calling' | 'failed' | 'withdrawn' | 'accepted' | 'done' | 'unknown';

/** The records of what is done once only. */
export interface ReplayRecords {
  notifications: { get(id: string): Promise<{ state: MailState } | null> };
  dispatches: { get(id: string): Promise<{ status: CallStatus } | null> };
}

const places = { do: 'again', skip: 'finished', 'ask-a-person': 'unknown' } as const;

export async function sortOut(found: readonly WorkItem[], records: ReplayRecords): Promise<Replayable> {
  const sorted: Replayable = { again: [], finished: [], unknown: [] };
  for (const item of found) sorted[places[await verdictOn(item, records)]].push(item);
  return sorted;
}

async function verdictOn({ _id, queue, kind: stored }: WorkItem, records: ReplayRecords): Promise<Replay> {
  const contract = queues[queue];
  const kind = contract && kindOf(contract, stored);
  const safety = kind !== undefined && contract?.jobs[kind]?.replay;
  if (!safety) return 'ask-a-person';
  return safety === 'once' ? replayOf(safety, await lastAttempt(`${queue}.${kind}`, _id, records)) : 'do';
}

/** Of a kind without a record nobody knows what became of it. */
async function lastAttempt(kind: string, id: string, { notifications, dispatches }: ReplayRecords): Promise<Attempt> {
  switch (kind) {
    case 'notifications.notify':
    case 'notifications.tell': {
      const mail = await notifications.get(id);
      return mail ? mails[mail.state] : 'never';
    }
    case 'fulfillment.dispatch': {
      const dispatch = await dispatches.get(hashedId('dispatch', id));
      return dispatch ? calls[dispatch.status] : 'never';
    }
    default:
      return 'unknown';
  }
}

const mails: Record<MailState, Attempt> = {
  queued: 'failed',
  held: 'never',
  superseded: 'never',
  failed: 'failed',
  bounced: 'succeeded',
  sent: 'succeeded',
  sending: 'unknown',
  unknown: 'unknown',
};

/** Until they have been called, and while they are, another try comes under the same key. */
const calls: Record<CallStatus, Attempt> = {
  calling: 'failed',
  failed: 'failed',
  withdrawn: 'failed',
  accepted: 'succeeded',
  done: 'succeeded',
  unknown: 'unknown',
};

/** What is open, counted for people and metrics: one pass over the open items' own index. */
import type { WorkStore } from './work.ts';

export interface Backlog {
  queue: string;
  kind: string;
  phase: string;
  count: number;
  oldestSeconds: number;
}

interface Counted {
  _id: Pick<Backlog, 'queue' | 'kind' | 'phase'>;
  count: number;
  oldest: Date;
}

export async function backlogOf({ documents }: Pick<WorkStore, 'documents'>, now: Date): Promise<Backlog[]> {
  const found = await documents
    .aggregate<Counted>([
      { $match: { state: 'open' } },
      {
        $group: {
          _id: { queue: '$queue', kind: '$kind', phase: '$phase' },
          count: { $sum: 1 },
          oldest: { $min: '$runAt' },
        },
      },
    ])
    .toArray();
  return found.map(({ _id, count, oldest }) => ({
    ..._id,
    count,
    oldestSeconds: Math.max(0, (now.getTime() - oldest.getTime()) / 1_000),
  }));
}

/** True when jobs of these queues have been waiting through three leases: somebody should have taken them. */
export async function isWaitedFor({ documents }: Pick<WorkStore, 'documents'>, queues: string[]): Promise<boolean> {
  const waiting = { state: 'open' as const, queue: { $in: queues }, phase: 'nudged' as const, probes: { $gte: 3 } };
  return (await documents.findOne(waiting)) !== null;
}

/** What is open, counted for people and metrics: one pass over the open items' own index. */
import type { WorkStore } from './work.ts';

export interface Backlog {
  queue: string;
  kind: string;
  phase: string;
  count: number;
  oldestSeconds: number;
}

export async function backlogOf({ model }: Pick<WorkStore, 'model'>, now: Date): Promise<Backlog[]> {
  const found = await model.collection
    .aggregate([
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
    ...(_id as Pick<Backlog, 'queue' | 'kind' | 'phase'>),
    count: Number(count),
    oldestSeconds: Math.max(0, (now.getTime() - (oldest as Date).getTime()) / 1_000),
  }));
}

/** True when jobs of these queues have been waiting through three leases: somebody should have taken them. */
export async function isWaitedFor({ model }: Pick<WorkStore, 'model'>, queues: string[]): Promise<boolean> {
  const waiting = { state: 'open', queue: { $in: queues }, phase: 'nudged', probes: { $gte: 3 } };
  return (await model.collection.findOne(waiting as never)) !== null;
}

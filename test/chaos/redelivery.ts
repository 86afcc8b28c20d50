/** How long a killed worker's jobs took to be done by another: what was active when it died, until it was settled. */
import { parseJobId } from '../../kernel/ids.ts';
import type { WorkItem } from '../../kernel/work.ts';
import { queues } from '../../queues/index.ts';
import { eventually } from '../support/eventually.ts';
import type { World } from './world.ts';

/** The work items whose jobs are active now. */
export async function heldBy({ client, prefix }: World): Promise<string[]> {
  const lists = await Promise.all(
    Object.keys(queues).map((queue) => client.lrange(`${prefix}:${queue}:active`, '0', '-1')),
  );
  return lists.flat().flatMap((id) => parseJobId(id)?.workId ?? []);
}

/** In seconds, the longest of all. */
export async function redelivery({ models }: World, held: { ids: string[]; at: number }[]): Promise<number> {
  const took = held.map(async ({ ids, at }) => {
    const items = await eventually(
      async () => {
        const found = (await Promise.all(ids.map((id) => models.work.get(id)))) as (WorkItem | null)[];
        return found.every((item) => item?.settledAt) ? found : undefined;
      },
      { within: 60_000, every: 200 },
    );
    return Math.max(0, ...items.map((item) => ((item?.settledAt?.getTime() ?? at) - at) / 1_000));
  });
  return Math.max(0, ...(await Promise.all(took)));
}

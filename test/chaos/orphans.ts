/** Jobs that Redis still holds when nothing is open any more: nobody would ever look at them again. */
import { queues } from '../../queues/index.ts';
import type { Finding } from './finding.ts';
import type { World } from './world.ts';

const places = { wait: 'list', active: 'list', delayed: 'set', prioritized: 'set', failed: 'set' } as const;

export async function findOrphans({ client, prefix }: World): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const queue of Object.keys(queues)) {
    for (const [place, type] of Object.entries(places)) {
      const key = `${prefix}:${queue}:${place}`;
      const ids = type === 'list' ? await client.lrange(key, '0', '-1') : await client.zrange(key, '0', '-1');
      for (const id of ids) found.push({ kind: 'orphan', what: `job ${id} is left in ${queue}:${place}` });
    }
  }
  return found;
}

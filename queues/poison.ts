/**
 * Jobs whose data BullMQ cannot read. It parses them before any handler and outside every limit: such a job stalls, is
 * given out again and stalls for ever. Ours hold one short id, so what is long or no JSON was never ours, or is damaged.
 */
import type { Redis } from 'ioredis';

const longestData = 65_536;

/** Ids of such jobs among those that were taken: there they lie until they stall, and a queue may be long. */
export async function findPoison(connection: Redis, queueKey: string, limit: number): Promise<string[]> {
  const ids = await connection.lrange(`${queueKey}:active`, 0, limit - 1);
  if (ids.length === 0) return [];
  const sizes = await answersOf(connection, ids, (pipeline, id) => pipeline.hstrlen(`${queueKey}:${id}`, 'data'));
  const short = ids.filter((_, index) => Number(sizes[index]) <= longestData);
  const data = await answersOf(connection, short, (pipeline, id) => pipeline.hget(`${queueKey}:${id}`, 'data'));
  const readable = new Set(short.filter((_, index) => isReadable(data[index])));
  return ids.filter((id) => !readable.has(id));
}

/** BullMQ refuses to remove a job that somebody holds; nobody can do anything with this one. */
export async function expel(connection: Redis, queueKey: string, job: string): Promise<void> {
  await connection
    .multi()
    .lrem(`${queueKey}:active`, 0, job)
    .lrem(`${queueKey}:wait`, 0, job)
    .srem(`${queueKey}:stalled`, job)
    .del(`${queueKey}:${job}`, `${queueKey}:${job}:lock`)
    .exec();
}

type Pipeline = ReturnType<Redis['pipeline']>;

async function answersOf(connection: Redis, ids: string[], ask: (pipeline: Pipeline, id: string) => Pipeline) {
  if (ids.length === 0) return [];
  const pipeline = connection.pipeline();
  for (const id of ids) ask(pipeline, id);
  return ((await pipeline.exec()) ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}

/** A job that has gone meanwhile has no data: nothing is wrong with it. */
function isReadable(data: unknown): boolean {
  if (data === null) return true;
  try {
    return typeof JSON.parse(String(data)) === 'object';
  } catch {
    return false;
  }
}

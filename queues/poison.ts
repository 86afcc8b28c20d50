/**
 * Jobs that BullMQ cannot read. It parses data and options before any handler and outside every limit: such a job stalls,
 * is given out again and stalls for ever. Ours hold one short id, so what is long or no JSON was never ours, or is damaged.
 */
import type { Redis } from 'ioredis';

/** What BullMQ parses of a job, and what passes for it. All but the data are missing where there is nothing to say. */
const fields = {
  data: isAnyJson,
  opts: isObject,
  parent: isObject,
  stacktrace: isAnyJson,
  // None of ours repeats by itself, and one that says so of nothing that is known is never let go.
  rjk: () => false,
} as const;

const longest = 65_536;

/** Ids of such jobs among those that were taken: there they lie until they stall, and a queue may be long. */
export async function findPoison(connection: Redis, queueKey: string, limit: number): Promise<string[]> {
  const ids = await connection.lrange(`${queueKey}:active`, 0, limit - 1);
  if (ids.length === 0) return [];
  const short = new Set(await idsOfShort(connection, queueKey, ids));
  const names = Object.keys(fields);
  const read = ids.filter((id) => short.has(id));
  const found = await answersOf(connection, read, (pipeline, id) => pipeline.hmget(`${queueKey}:${id}`, ...names));
  const readable = new Set(read.filter((_, index) => isReadable(found[index] as (string | null)[])));
  return ids.filter((id) => !readable.has(id));
}

async function idsOfShort(connection: Redis, queueKey: string, ids: string[]): Promise<string[]> {
  const sizes = await Promise.all(
    Object.keys(fields).map((field) =>
      answersOf(connection, ids, (pipeline, id) => pipeline.hstrlen(`${queueKey}:${id}`, field)),
    ),
  );
  return ids.filter((_, index) => sizes.every((size) => Number(size[index]) <= longest));
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

/** A job that has gone meanwhile has no fields: nothing is wrong with it. */
function isReadable(found: readonly (string | null)[]): boolean {
  return Object.values(fields).every((passes, index) => {
    const text = found[index];
    return text == null || passes(text);
  });
}

function isAnyJson(text: string): boolean {
  return typeof parsed(text) === 'object';
}

function isObject(text: string): boolean {
  const value = parsed(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

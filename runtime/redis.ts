/**
 * Connections to Redis: producers fail fast (their work is in MongoDB already), workers wait for as long as it takes.
 */
import { Redis } from 'ioredis';
import type { Log } from './log.ts';

const retryStrategy = (times: number) => Math.min(times * 100, 1_000);

export function connectProducer(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 5_000,
    connectTimeout: 5_000,
    retryStrategy,
  });
  return logged(redis, log);
}

export function connectWorker(url: string, log: Log): Redis {
  return logged(new Redis(url, { maxRetriesPerRequest: null, retryStrategy }), log);
}

function logged(redis: Redis, log: Log): Redis {
  redis.on('error', (error) => log.warn({ error: error.message }, 'redis connection'));
  return redis;
}

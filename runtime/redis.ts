/**
 * Connections to Redis: producers fail fast (their work is in MongoDB already), workers wait for as long as it takes.
 */
import { Redis } from 'ioredis';
import type { Log } from './log.ts';
import { cureFor } from './masked-config.ts';

const retryStrategy = (times: number) => Math.min(times * 100, 1_000);

export function connectProducer(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 5_000,
    connectTimeout: 5_000,
    retryStrategy,
  });
  return logged(redis, url, log);
}

export function connectWorker(url: string, log: Log): Redis {
  return logged(new Redis(url, { maxRetriesPerRequest: null, retryStrategy }), url, log);
}

/** An outage is told once, when it begins; the client tries again every second. */
function logged(redis: Redis, url: string, log: Log): Redis {
  let isTold = false;
  redis.on('error', (error) => {
    if (!isTold) log.warn({ error: error.message }, `Redis does not answer. ${cureFor('REDIS_URL', url)}`);
    isTold = true;
  });
  redis.on('ready', () => {
    if (isTold) log.info('Redis answers again.');
    isTold = false;
  });
  return redis;
}

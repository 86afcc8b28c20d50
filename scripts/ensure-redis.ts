/** Prints the path of a redis-server, after installing one where it is missing. Run by ./scripts/test and people. */
import { findRedis } from './servers/find-redis.ts';

process.stdout.write(`${await findRedis()}\n`);

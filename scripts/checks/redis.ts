/** Redis: reached, new enough, keeping what it is given, and evicting nothing; in a cluster, one slot for our keys. */
import { Redis } from 'ioredis';
import { maskedAddress } from '../../runtime/masked-config.ts';
import { clocks, type Finding, fault, messageOf, ok, warning } from './finding.ts';

const waitMs = 3_000;

export async function checkRedis(url: string, prefix: string): Promise<Finding[]> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: waitMs,
    commandTimeout: waitMs,
    retryStrategy: () => null,
  });
  const heard: string[] = [];
  redis.on('error', (error) => heard.push(error.message));
  try {
    await redis.connect();
    const info = parsed(await redis.info());
    const asked = Date.now();
    const [whole, micro] = await redis.time();
    const times = { asked, there: Number(whole) * 1_000 + Number(micro) / 1_000, answered: Date.now() };
    return [
      versionOf(info),
      evictionOf(info),
      persistenceOf(info),
      ...clusterOf(info, prefix),
      clocks('redis clock', times),
    ];
  } catch (error) {
    const why = heard[0] ?? messageOf(error);
    const cure = /NOAUTH|WRONGPASS|NOPERM/.test(messageOf(error) + why)
      ? 'Correct the user and password in REDIS_URL; the user needs INFO and TIME.'
      : 'Start Redis, or correct REDIS_URL.';
    return [fault('redis', `${maskedAddress(url)} does not answer: ${why}`, cure)];
  } finally {
    redis.disconnect();
  }
}

type Info = Record<string, string | undefined>;

const parsed = (text: string): Info =>
  Object.fromEntries(text.split(/\r?\n/).flatMap((line) => (line.includes(':') ? [split(line)] : [])));

const split = (line: string): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)];

function versionOf({ redis_version: version = 'unknown' }: Info): Finding {
  if (Number.parseInt(version, 10) >= 7) return ok('redis', `version ${version}`);
  return fault('redis', `version ${version}`, 'Install Redis 7 or newer.');
}

function evictionOf({ maxmemory_policy: policy = 'unknown' }: Info): Finding {
  if (policy === 'noeviction') return ok('redis eviction', 'none (noeviction)');
  const cure = 'Set `maxmemory-policy noeviction` (redis.conf, or CONFIG SET): another policy throws jobs away.';
  return fault('redis eviction', policy, cure);
}

/** Nothing is lost without it, since MongoDB is the truth; a restart then costs minutes instead of seconds. */
function persistenceOf({
  aof_enabled: aof,
  aof_last_write_status: status = 'ok',
  rdb_last_bgsave_status: saved = 'ok',
}: Info): Finding {
  const cure = 'Set `appendonly yes`: without it every job is nudged again after a restart of Redis.';
  if (aof !== '1') return warning('redis persistence', 'no append-only file', cure);
  if (status === 'ok' && saved === 'ok') return ok('redis persistence', 'append-only file');
  return fault('redis persistence', 'the last write to disk failed', "See Redis's log; its disk may be full.");
}

function clusterOf({ cluster_enabled: cluster }: Info, prefix: string): Finding[] {
  if (cluster !== '1') return [];
  if (/\{[^}]+\}/.test(prefix)) return [ok('redis cluster', `the prefix ${prefix} keeps our keys in one slot`)];
  const cure = 'Put a hash tag into REDIS_PREFIX, such as {orderworks}.';
  return [fault('redis cluster', `the prefix ${prefix} spreads our keys over slots`, cure)];
}

/**
 * Asks the domain name system. That a name has no such record is an answer (an empty list); that nobody could be asked
 * is not, and throws `NoDnsAnswer`, so that nobody takes the one for the other. The servers are handed in, which lets a
 * test run one of its own; without any, those of the machine are asked.
 */
import type { lookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { settleWithin } from '../kernel/deadline.ts';
import { namesPath, type Standin } from './standin.ts';

export class NoDnsAnswer extends Error {
  override name = 'NoDnsAnswer';
}

export interface Dns {
  /** The texts of a name, each whole: long ones travel in pieces. */
  resolveTxt(name: string): Promise<string[]>;
  /** The name that a name stands for; without its last dot, in small letters. */
  resolveCname(name: string): Promise<string[]>;
  /** IPv4 and IPv6 addresses. */
  resolveAddresses(name: string): Promise<string[]>;
}

export interface DnsOptions {
  /** Such as `127.0.0.1:5353`. */
  servers?: readonly string[];
  /** Who is asked instead, over HTTP, in trials alone. */
  standin?: Standin | undefined;
  /** For one try, in ms; there are `tries`. */
  timeout?: number;
  tries?: number;
}

/** What says that the name, or such a record of it, does not exist. */
const absent = ['ENOTFOUND', 'ENODATA'];
const waitForStandin = 5_000;

export function createDns({ servers = [], standin, timeout = 5_000, tries = 2 }: DnsOptions = {}): Dns {
  if (standin) return pretendedDns(standin);
  /** The library counts its tries for each server of the machine, and waits longer each time; this is for all of them. */
  const limit = timeout * tries * 2;
  const ask = async <T>(question: (resolver: Resolver) => Promise<T[]>): Promise<T[]> => {
    const resolver = new Resolver({ timeout, tries });
    if (servers.length > 0) resolver.setServers(servers);
    try {
      return await settleWithin(limit, () => answerOf(() => question(resolver)));
    } catch (error) {
      throw error instanceof NoDnsAnswer
        ? error
        : new NoDnsAnswer('The name could not be looked up (no answer in time).');
    } finally {
      resolver.cancel();
    }
  };
  const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

  return {
    async resolveTxt(name) {
      const texts = await ask((resolver) => resolver.resolveTxt(name));
      return texts.map((pieces) => pieces.join(''));
    },
    async resolveCname(name) {
      return (await ask((resolver) => resolver.resolveCname(name))).map(plain);
    },
    async resolveAddresses(name) {
      const [four, six] = await Promise.allSettled([
        ask((resolver) => resolver.resolve4(name)),
        ask((resolver) => resolver.resolve6(name)),
      ]);
      const found = [four, six].flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
      const failure = [four, six].find((one) => one.status === 'rejected');
      if (found.length === 0 && failure) throw failure.reason;
      return found;
    },
  };
}

async function answerOf<T>(ask: () => Promise<T[]>): Promise<T[]> {
  try {
    return await ask();
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    if (absent.includes(code)) return [];
    throw new NoDnsAnswer(`The name could not be looked up (${code}).`);
  }
}

/**
 * Node's `lookup`, asked of the domain name system itself. Node's own keeps one of a handful of threads until it has an
 * answer, so that a few names whose servers are silent would keep everybody else in the process waiting.
 */
export function lookupThrough({ resolveAddresses }: Pick<Dns, 'resolveAddresses'>): typeof lookup {
  const look = (name: string, _options: unknown, callback: (error: Error | null, found: object[]) => void) => {
    resolveAddresses(name).then(
      (found) =>
        callback(
          null,
          found.map((address) => ({ address, family: isIP(address) })),
        ),
      (error: Error) => callback(error, []),
    );
  };
  return look as unknown as typeof lookup;
}

function pretendedDns(standin: Standin): Dns {
  const ask = async (type: string, name: string): Promise<string[]> => {
    const url = new URL(`${namesPath}?${new URLSearchParams({ type, name })}`, standin);
    const found = await settleWithin(waitForStandin, async (signal) => {
      const answer = await fetch(url, { signal });
      return answer.ok ? ((await answer.json()) as string[]) : undefined;
    }).catch(() => undefined);
    if (!found) throw new NoDnsAnswer('The name could not be looked up (no stand-in).');
    return found;
  };
  return {
    resolveTxt: (name) => ask('TXT', name),
    resolveCname: (name) => ask('CNAME', name),
    resolveAddresses: (name) => ask('address', name),
  };
}

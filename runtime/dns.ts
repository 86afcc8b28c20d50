/**
 * Asks the domain name system. That a name has no such record is an answer (an empty list); that nobody could be asked
 * is not, and throws `NoDnsAnswer`, so that nobody takes the one for the other. The servers are handed in, which lets a
 * test run one of its own; without any, those of the machine are asked.
 */
import { Resolver } from 'node:dns/promises';
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

export function createDns({ servers = [], standin, timeout = 5_000, tries = 2 }: DnsOptions = {}): Dns {
  if (standin) return pretendedDns(standin);
  const resolver = new Resolver({ timeout, tries });
  if (servers.length > 0) resolver.setServers(servers);
  const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

  return {
    async resolveTxt(name) {
      const texts = await answerOf(() => resolver.resolveTxt(name));
      return texts.map((pieces) => pieces.join(''));
    },
    async resolveCname(name) {
      return (await answerOf(() => resolver.resolveCname(name))).map(plain);
    },
    async resolveAddresses(name) {
      const [four, six] = await Promise.all([
        answerOf(() => resolver.resolve4(name)),
        answerOf(() => resolver.resolve6(name)),
      ]);
      return [...four, ...six];
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

function pretendedDns(standin: Standin): Dns {
  const ask = async (type: string, name: string): Promise<string[]> => {
    const url = new URL(`${namesPath}?${new URLSearchParams({ type, name })}`, standin);
    const answer = await fetch(url).catch(() => undefined);
    if (!answer?.ok) throw new NoDnsAnswer('The name could not be looked up (no stand-in).');
    return (await answer.json()) as string[];
  };
  return {
    resolveTxt: (name) => ask('TXT', name),
    resolveCname: (name) => ask('CNAME', name),
    resolveAddresses: (name) => ask('address', name),
  };
}

/**
 * Calls to addresses that others gave us, which must never reach our own network: https on allowed ports, no credentials,
 * no literal addresses, every DNS answer public and the connection made to exactly those answers, no redirects, small
 * answers, short waits. The rules hold at each call: a name that was harmless yesterday is looked up again today. Pages
 * are read under the same rules, by http as well, with each hop of a redirect guarded like the first.
 */
import type { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { parseUrl } from '../kernel/urls.ts';
import { isPublic } from './addresses.ts';
import { certificateOf } from './certificate.ts';
import { createDns, lookupThrough } from './dns.ts';
import { exchange, type Reading, type Waits } from './exchange.ts';
import { AddressRefused } from './no-answer.ts';
import { type Answer, type Page, readPage } from './page.ts';
import { pretended, type Standin } from './standin.ts';

export interface OutsideCall {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
}

export interface OutsideAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface GuardOptions {
  /** Origins that are let through as they are, such as `http://127.0.0.1:4999`: for trials and tests alone. */
  allow?: readonly string[];
  ports?: readonly number[];
  /** An address of this machine that plays every public host, for trials alone. */
  standin?: Standin;
  /** Whose certificates are believed beside those that everybody believes. */
  ca?: string;
  resolve?: typeof lookup;
  /** Until connected, until the answer begins, and in all; ms. */
  timeouts?: Waits;
}

export type HttpGuard = ReturnType<typeof httpGuard>;

/** As soon as a connection may be given up. */
const lookupNames = lookupThrough(createDns({ timeout: 1_500 }));
const largestAnswer = 64 * 1024;
const largestPage = 2 * 1024 * 1024;
const longestUrl = 2_048;
const pageHeaders = {
  accept: 'text/html,*/*;q=0.8',
  'accept-encoding': 'identity',
  'user-agent': 'Orderworks checks',
};
/** What a stand-in has to show is good for ever. */
const farAway = '2099-12-31T00:00:00Z';

export function httpGuard(options: GuardOptions = {}) {
  const { allow = [], ports = [443, 8443], standin, ca, resolve = lookupNames, timeouts } = options;
  const waits = timeouts ?? { connect: 5_000, answer: 15_000, total: 30_000 };
  const pageWaits = timeouts ?? { connect: 5_000, answer: 10_000, total: 20_000 };
  const calls = { allow, ports, schemes: ['https:'] };
  const pages = { allow, ports: [...ports, 80], schemes: ['https:', 'http:'] };

  const pageReading = (signal?: AbortSignal) => ({ signal, waits: pageWaits, largest: largestPage, isCut: true });

  /** One exchange with an address that was allowed. */
  function send(target: URL, { method, headers, body }: Omit<OutsideCall, 'url'>, reading: Reading): Promise<Answer> {
    const isLetThrough = allow.includes(target.origin);
    const instead = standin && !isLetThrough ? pretended(target, standin) : undefined;
    const { url, headers: pretence } = instead ?? { url: target, headers: {} };
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = (url.protocol === 'http:' ? http : https).request(url, {
      method,
      headers: { ...headers, ...length, ...pretence },
      agent: agentFor(url, isLetThrough || instead !== undefined),
      maxHeaderSize: 16_384,
      ...(ca !== undefined && { ca }),
      ...(!isLetThrough && !instead && { lookup: publicLookup(resolve) }),
      ...(reading.signal && { signal: reading.signal }),
    });
    return exchange(request, { body, ...reading });
  }

  return {
    /** Throws AddressRefused unless the URL may be called; where its name leads is seen at the call. */
    check: (url: string): void => void allowedUrl(url, calls),

    /** Resolves to whatever status came back, redirects included; throws AddressRefused or NoAnswer. */
    async call({ url, ...call }: OutsideCall, signal?: AbortSignal): Promise<OutsideAnswer> {
      const reading = { signal, waits, largest: largestAnswer };
      const { status, headers, bytes } = await send(allowedUrl(url, calls), call, reading);
      return { status, headers, body: bytes.toString('utf8') };
    },

    /** The page that an address leads to; throws AddressRefused, also when a redirect leads there, or NoAnswer. */
    page(url: string, signal?: AbortSignal): Promise<Page> {
      return readPage(url, (at) =>
        send(allowedUrl(at, pages), { method: 'GET', headers: pageHeaders }, pageReading(signal)),
      );
    },

    /** Until when the certificate of a host is valid; throws AddressRefused, BadCertificate or NoAnswer. */
    async certificate(host: string, signal?: AbortSignal): Promise<Date> {
      const target = allowedUrl(`https://${host}/`, pages);
      const isLetThrough = allow.includes(target.origin);
      if (standin && !isLetThrough) {
        await send(target, { method: 'GET', headers: {} }, pageReading(signal));
        return new Date(farAway);
      }
      const lookup = isLetThrough ? undefined : publicLookup(resolve);
      return await certificateOf(target, { lookup, ca, wait: pageWaits.connect, signal });
    },
  };
}

const agentFor = ({ protocol }: URL, isKnown: boolean) => {
  if (protocol === 'http:') return new (isKnown ? http.Agent : RequestFilteringHttpAgent)({ keepAlive: false });
  return new (isKnown ? https.Agent : RequestFilteringHttpsAgent)({ keepAlive: false });
};

/** For the moment of connecting: rejects if any answer is not public, and hands on exactly the answers it looked at. */
export function publicLookup(resolve: typeof lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 4);
      const inner = addresses.find(({ address }) => !isPublic(address));
      const [first] = addresses;
      if (inner || !first) return callback(new AddressRefused(`${hostname} does not lead to the internet.`), '', 4);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

interface Allowed {
  allow: readonly string[];
  ports: readonly number[];
  schemes: readonly string[];
}

function allowedUrl(text: string, { allow, ports, schemes }: Allowed): URL {
  // The parser drops tabs and line breaks without a word; whoever writes them does not mean well.
  if (text.length > longestUrl || /[^\x21-\x7e]|\\/.test(text)) throw new AddressRefused('The URL is malformed.');
  const url = parseUrl(text);
  if (!url) throw new AddressRefused('The URL is malformed.');
  if (url.username || url.password) throw new AddressRefused('A URL may not carry credentials.');
  if (allow.includes(url.origin)) return url;

  const host = url.hostname.replace(/\.$/, '');
  if (!schemes.includes(url.protocol)) throw new AddressRefused('Only https is called.');
  if (!ports.includes(Number(url.port || (url.protocol === 'https:' ? 443 : 80))))
    throw new AddressRefused(`Port ${url.port} is not called.`);
  if (isIP(host.replace(/^\[|\]$/g, ''))) throw new AddressRefused('A literal address is not called.');
  if (!host.includes('.') || /\.(localhost|local|internal|home\.arpa)$/.test(host)) {
    throw new AddressRefused(`${host} is not a name of the internet.`);
  }
  return url;
}

/**
 * Calls to addresses that others gave us, which must never reach our own network: https on allowed ports, no credentials,
 * no literal addresses, every DNS answer public and the connection made to exactly those answers, no redirects, small
 * answers, short waits. The rules hold at each call: a name that was harmless yesterday is looked up again today. Pages
 * are read under the same rules, by http as well, with each hop of a redirect guarded like the first.
 */
import { lookup as resolveName } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { connect, type PeerCertificate } from 'node:tls';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { parseUrl } from '../kernel/urls.ts';
import { isPublic } from './addresses.ts';
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

/** Why there was no answer. `sent` is false only when the other side cannot have seen the call. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

/** The other side could not show who it is: its certificate is out of date, for another name, or signed by nobody. */
export class BadCertificate extends NoAnswer {
  constructor(code: string) {
    super(`The certificate is not valid (${code}).`, false);
  }
}

/** The address itself is not allowed; nothing was looked up or sent. */
export class AddressRefused extends Error {
  override name = 'AddressRefused';
}

export interface GuardOptions {
  /** Origins that are let through as they are, such as `http://127.0.0.1:4999`: for trials and tests alone. */
  allow?: readonly string[];
  ports?: readonly number[];
  /** An address of this machine that plays every public host, for trials alone. */
  standin?: Standin;
  /** Whose certificates are believed beside those that everybody believes. */
  ca?: string;
  resolve?: typeof resolveName;
  /** Until connected, until the answer begins, and in all; ms. */
  timeouts?: { connect: number; answer: number; total: number };
}

export type HttpGuard = ReturnType<typeof httpGuard>;

const largestAnswer = 64 * 1024;
const largestPage = 2 * 1024 * 1024;
const longestUrl = 2_048;
/** What a stand-in has to show is good for ever. */
const farAway = '2099-12-31T00:00:00Z';

export function httpGuard(options: GuardOptions = {}) {
  const { allow = [], ports = [443, 8443], standin, ca, resolve = resolveName, timeouts } = options;
  const waits = timeouts ?? { connect: 5_000, answer: 15_000, total: 30_000 };
  const pageWaits = timeouts ?? { connect: 5_000, answer: 10_000, total: 20_000 };
  const calls = { allow, ports, schemes: ['https:'] };
  const pages = { allow, ports: [...ports, 80], schemes: ['https:', 'http:'] };

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
      const { status, headers, bytes } = await send(allowedUrl(url, calls), call, {
        signal,
        waits,
        largest: largestAnswer,
      });
      return { status, headers, body: bytes.toString('utf8') };
    },

    /** The page that an address leads to; throws AddressRefused, also when a redirect leads there, or NoAnswer. */
    page(url: string, signal?: AbortSignal): Promise<Page> {
      const headers = {
        accept: 'text/html,*/*;q=0.8',
        'accept-encoding': 'identity',
        'user-agent': 'Orderworks checks',
      };
      return readPage(url, (at) => {
        const reading = { signal, waits: pageWaits, largest: largestPage, isCut: true };
        return send(allowedUrl(at, pages), { method: 'GET', headers }, reading);
      });
    },

    /** Until when the certificate of a host is valid; throws AddressRefused, BadCertificate or NoAnswer. */
    async certificate(host: string, signal?: AbortSignal): Promise<Date> {
      const target = allowedUrl(`https://${host}/`, pages);
      const isLetThrough = allow.includes(target.origin);
      if (standin && !isLetThrough) {
        await send(
          target,
          { method: 'GET', headers: {} },
          { signal, waits: pageWaits, largest: largestPage, isCut: true },
        );
        return new Date(farAway);
      }
      const lookup = isLetThrough ? undefined : publicLookup(resolve);
      return await certificateOf(target, { lookup, ca, wait: pageWaits.connect });
    },
  };
}

const agentFor = ({ protocol }: URL, isKnown: boolean) => {
  if (protocol === 'http:') return new (isKnown ? http.Agent : RequestFilteringHttpAgent)({ keepAlive: false });
  return new (isKnown ? https.Agent : RequestFilteringHttpsAgent)({ keepAlive: false });
};

/** For the moment of connecting: rejects if any answer is not public, and hands on exactly the answers it looked at. */
export function publicLookup(resolve: typeof resolveName): LookupFunction {
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

interface Reading {
  waits: NonNullable<GuardOptions['timeouts']>;
  signal: AbortSignal | undefined;
  largest: number;
  /** Reads so much and leaves the rest; otherwise more is no answer at all. */
  isCut?: boolean;
}

interface Exchange extends Reading {
  body: string | undefined;
}

function exchange(request: http.ClientRequest, { body, waits, ...reading }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let connected = false;
    const timers = [
      setTimeout(() => connected || give('No connection'), waits.connect),
      setTimeout(() => give('No answer'), waits.answer),
      setTimeout(() => give('No end of the answer'), waits.total),
    ];
    const give = (why: string) => request.destroy(new Error(`${why} within the time allowed.`));
    const end = () => timers.forEach(clearTimeout);

    request.on('socket', (socket) => {
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
        connected = true;
      });
    });
    request.on('response', (response) => {
      clearTimeout(timers[1]);
      read(response, reading).then(resolve, (error: Error) => reject(new NoAnswer(error.message, true)));
    });
    request.on('error', (error) => reject(meaningOf(error, connected)));
    request.on('close', end);
    request.end(body);
  });
}

const badCertificate = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY))/;

function meaningOf(error: NodeJS.ErrnoException, wasSent: boolean): Error {
  if (error instanceof AddressRefused) return error;
  return badCertificate.test(error.code ?? '')
    ? new BadCertificate(error.code ?? '')
    : new NoAnswer(error.message, wasSent);
}

async function read(
  response: IncomingMessage,
  { largest, isCut = false }: Pick<Reading, 'largest' | 'isCut'>,
): Promise<Answer> {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest && !isCut) {
      response.destroy();
      throw new Error(`The answer is larger than ${largest} bytes.`);
    }
    chunks.push(chunk);
    if (size > largest) break;
  }
  return { status, headers, bytes: Buffer.concat(chunks).subarray(0, largest), isCut: size > largest };
}

interface Handshake {
  lookup: LookupFunction | undefined;
  ca: string | undefined;
  wait: number;
}

function certificateOf({ hostname, port }: URL, { lookup, ca, wait }: Handshake): Promise<Date> {
  return new Promise((resolve, reject) => {
    const at = { host: hostname, servername: hostname, port: Number(port || 443) };
    const socket = connect({ ...at, ...(lookup && { lookup }), ...(ca !== undefined && { ca }) });
    socket.setTimeout(wait, () => socket.destroy(new Error('No certificate within the time allowed.')));
    socket.once('secureConnect', () => {
      const { valid_to: until } = socket.getPeerCertificate() as PeerCertificate;
      socket.end();
      resolve(new Date(until));
    });
    socket.once('error', (error) => reject(meaningOf(error, false)));
  });
}

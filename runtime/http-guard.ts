/**
 * Calls to addresses that others gave us, which must never reach our own network: https on allowed ports, no credentials,
 * no literal addresses, every DNS answer public and the connection made to exactly those answers, no redirects, small
 * answers, short waits. The rules hold at each call: a name that was harmless yesterday is looked up again today.
 */
import { lookup as resolveName } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { isPublic } from './addresses.ts';

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

/** The address itself is not allowed; nothing was looked up or sent. */
export class AddressRefused extends Error {
  override name = 'AddressRefused';
}

export interface GuardOptions {
  /** Origins that are let through as they are, such as `http://127.0.0.1:4999`: for trials and tests alone. */
  allow?: readonly string[];
  ports?: readonly number[];
  resolve?: typeof resolveName;
  /** Until connected, until the answer begins, and in all; ms. */
  timeouts?: { connect: number; answer: number; total: number };
}

export type HttpGuard = ReturnType<typeof httpGuard>;

const largestAnswer = 64 * 1024;
const longestUrl = 2_048;

export function httpGuard({ allow = [], ports = [443, 8443], resolve = resolveName, timeouts }: GuardOptions = {}) {
  const waits = timeouts ?? { connect: 5_000, answer: 15_000, total: 30_000 };

  return {
    /** Throws AddressRefused unless the URL may be called; where its name leads is seen at the call. */
    check: (url: string): void => void allowedUrl(url, { allow, ports }),

    /** Resolves to whatever status came back, redirects included; throws AddressRefused or NoAnswer. */
    async call({ method, url, headers, body }: OutsideCall, signal?: AbortSignal): Promise<OutsideAnswer> {
      const target = allowedUrl(url, { allow, ports });
      const isPlain = target.protocol === 'http:';
      const request = (isPlain ? http : https).request(target, {
        method,
        headers: { ...headers, ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }) },
        lookup: publicLookup(resolve),
        agent: isPlain ? new http.Agent({ keepAlive: false }) : new RequestFilteringHttpsAgent({ keepAlive: false }),
        maxHeaderSize: 16_384,
        ...(signal && { signal }),
      });
      return await exchange(request, { body, waits });
    },
  };
}

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

function allowedUrl(text: string, { allow, ports }: Required<Pick<GuardOptions, 'allow' | 'ports'>>): URL {
  // The parser drops tabs and line breaks without a word; whoever writes them does not mean well.
  if (text.length > longestUrl || /[^\x21-\x7e]|\\/.test(text)) throw new AddressRefused('The URL is malformed.');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new AddressRefused('The URL is malformed.');
  if (url.username || url.password) throw new AddressRefused('A URL may not carry credentials.');
  if (allow.includes(url.origin)) return url;

  const host = url.hostname.replace(/\.$/, '');
  if (url.protocol !== 'https:') throw new AddressRefused('Only https is called.');
  if (!ports.includes(Number(url.port || 443))) throw new AddressRefused(`Port ${url.port} is not called.`);
  if (isIP(host.replace(/^\[|\]$/g, ''))) throw new AddressRefused('A literal address is not called.');
  if (!host.includes('.') || /\.(localhost|local|internal|home\.arpa)$/.test(host)) {
    throw new AddressRefused(`${host} is not a name of the internet.`);
  }
  return url;
}

interface Exchange {
  body: string | undefined;
  waits: NonNullable<GuardOptions['timeouts']>;
}

function exchange(request: http.ClientRequest, { body, waits }: Exchange): Promise<OutsideAnswer> {
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
      read(response).then(resolve, (error: Error) => reject(new NoAnswer(error.message, true)));
    });
    request.on('error', (error) => {
      reject(error instanceof AddressRefused ? error : new NoAnswer(error.message, connected));
    });
    request.on('close', end);
    request.end(body);
  });
}

async function read(response: IncomingMessage): Promise<OutsideAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestAnswer) {
      response.destroy();
      throw new Error(`The answer is larger than ${largestAnswer} bytes.`);
    }
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') };
}

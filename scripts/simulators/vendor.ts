/**
 * A vendor for trials and tests: takes dispatches over HTTP, knows a repeated key again, calls back signed, and misbehaves
 * when told to. Its ledger says what it was asked and how often; each line is on the disk before the answer goes out.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '../../kernel/ids.ts';
import { after, systemClock } from '../../kernel/time.ts';
import { signedHeaders, verifiedId } from '../../runtime/webhook.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';

/** What it does with the next calls; everything is taken, and answered by a callback, until it is told otherwise. */
export interface VendorManners {
  /** Answers with this instead of taking the dispatch. */
  status?: number;
  /** Seconds, or whatever else it says there. */
  retryAfter?: number | string;
  /** How many calls the manners are for; then it behaves again. */
  times?: number;
  /** Takes the dispatch, and then does not answer (`hang`), drops the line (`cut`), sends too much (`flood`) or dribbles. */
  taking?: 'hang' | 'cut' | 'flood' | 'dribble';
  redirect?: string;
  /** Before it answers, in ms. */
  delay?: number;
  /** `now` answers at once with the result; `never` only tells when polled. */
  answers?: 'now' | 'callback' | 'never';
  outcome?: 'completed' | 'failed';
  callback?: { delay?: number; copies?: number; before?: 'progress'; secondsOld?: number; secret?: string };
}

interface Asked {
  key: string;
  signed: boolean;
  body: { data: { dispatch: string; callback: string; product: string; stage: string } };
}

export interface SimulatedVendor {
  origin: string;
  /** Every call, repetitions included. */
  calls: Asked[];
  /** Dispatches taken, by key: what it would do, and bill, once each. */
  taken: Map<string, Asked>;
  /** The statuses that its callbacks were answered with. */
  called: number[];
  /** Nothing is on its way to us. */
  isIdle(): boolean;
  manners: VendorManners;
  callBack(asked: Asked, manners?: VendorManners): Promise<number>;
  close(): Promise<void>;
}

export interface SimulationOptions {
  secret: string;
  port?: number;
  /** A file that gets one JSON line for each call. */
  ledger?: string;
}

export async function startVendor({ secret, port = 0, ledger }: SimulationOptions): Promise<SimulatedVendor> {
  const leaving = new AbortController();
  const book = openLedger(ledger);
  const vendor: SimulatedVendor = {
    origin: '',
    calls: [],
    taken: new Map(),
    called: [],
    manners: {},
    isIdle: () => results.underWay() === 0,
    callBack: (asked, manners = {}) => callBack(asked, manners),
    async close() {
      leaving.abort();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      book.close();
    },
  };
  const callBack = callingBack({ vendor, secret, signal: leaving.signal });
  const results = resultsOf(vendor, callBack);
  const take = taking({ vendor, secret, signal: leaving.signal, write: book.write, finish: results.finish });
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  vendor.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return vendor;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await bodyOf(request);
    const [, place, id] = (request.url ?? '').split('/');
    if (place === 'status') return tell(response, 200, results.statusOf(id ?? ''));
    if (place === 'ledger') return tell(response, 200, { calls: vendor.calls.length, taken: vendor.taken.size });
    if (place !== 'manners') return take(request, response, raw);
    vendor.manners = JSON.parse(raw.toString());
    return tell(response, 200, vendor.manners);
  }
}

function openLedger(path: string | undefined) {
  const file = path === undefined ? undefined : openSync(path, 'a');
  return {
    write(line: object): void {
      if (file === undefined) return;
      writeSync(file, `${JSON.stringify({ at: systemClock.now(), ...line })}\n`);
      fsyncSync(file);
    },
    close: () => file !== undefined && closeSync(file),
  };
}

interface Taking {
  vendor: SimulatedVendor;
  secret: string;
  signal: AbortSignal;
  write: (line: object) => void;
  finish: (asked: Asked, manners: VendorManners) => Promise<void>;
}

/** Answers a dispatch as the manners of the moment say. */
function taking({ vendor, secret, signal, write, finish }: Taking) {
  return async (request: IncomingMessage, response: ServerResponse, raw: Buffer): Promise<void> => {
    const key = String(request.headers['idempotency-key']);
    const asked = { key, signed: verifiedId([secret], request.headers, raw) === key, body: JSON.parse(raw.toString()) };
    const manners = turnOf(vendor);
    vendor.calls.push(asked);
    write({ key, signed: asked.signed, repeated: vendor.taken.has(key), status: manners.status ?? 202 });
    if (manners.delay) await wait(manners.delay, undefined, { signal });
    if (manners.redirect) return void response.writeHead(302, { location: manners.redirect }).end();
    if (manners.status) {
      if (manners.retryAfter) response.setHeader('retry-after', String(manners.retryAfter));
      return tell(response, manners.status, { message: 'as told' });
    }
    const isNew = !vendor.taken.has(key);
    vendor.taken.set(key, asked);
    if (manners.taking === 'hang') return;
    if (manners.taking === 'cut') return void response.destroy();
    if (manners.taking === 'dribble') return dribble(response, signal);
    if (manners.taking === 'flood') return tell(response, 200, { message: 'x'.repeat(2_000_000) });
    if (manners.answers === 'now') return tell(response, 200, { ...resultOf(asked, manners), reference: `ref-${key}` });
    if (isNew && manners.answers !== 'never') void finish(asked, manners);
    return tell(response, 202, { status: 'progressed', reference: `ref-${key}` });
  };
}

function turnOf(vendor: SimulatedVendor): VendorManners {
  const { times, ...manners } = vendor.manners;
  if (times !== undefined) vendor.manners = times > 1 ? { ...manners, times: times - 1 } : {};
  return manners;
}

/** A byte now and then, for as long as anybody listens. */
async function dribble(response: ServerResponse, signal: AbortSignal): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  while (!response.destroyed && response.write(' ')) await wait(200, undefined, { signal });
}

/** What becomes of the dispatches that were taken. */
function resultsOf(vendor: SimulatedVendor, callBack: SimulatedVendor['callBack']) {
  const finished = new Map<string, VendorManners>();
  let underWay = 0;
  return {
    underWay: () => underWay,

    /** When nobody takes the callback, the result is there for whoever asks. */
    async finish(asked: Asked, manners: VendorManners): Promise<void> {
      underWay += 1;
      await callBack(asked, manners).catch(() => undefined);
      underWay -= 1;
      finished.set(asked.key, manners);
    },

    statusOf(key: string) {
      const asked = vendor.taken.get(key);
      const manners = finished.get(key) ?? (vendor.manners.answers === 'never' ? vendor.manners : undefined);
      return asked && manners ? resultOf(asked, manners) : { status: 'progressed' };
    },
  };
}

/** Resolves to the status of the last answer. */
function callingBack({ vendor, secret, signal }: Pick<Taking, 'vendor' | 'secret' | 'signal'>) {
  return async (asked: Asked, { callback = {}, outcome = 'completed' }: VendorManners = {}): Promise<number> => {
    const { delay = 0, copies = 1, before, secondsOld = 0, secret: own = secret } = callback;
    if (delay) await wait(delay, undefined, { signal });
    const at = after(systemClock.now(), -secondsOld * 1_000);
    const statuses = before === 'progress' ? ['progressed', outcome] : [outcome];
    let last = 0;
    for (const status of statuses) {
      const said = status === 'progressed' ? { status } : resultOf(asked, { outcome });
      const data = { dispatch: asked.body.data.dispatch, ...said };
      const body = JSON.stringify({ type: `dispatch.${status}`, timestamp: at.toISOString(), data });
      const signed = signedHeaders([own], { id: `msg_${newId()}`, at, body });
      const headers = { 'content-type': 'application/json', ...signed };
      for (let copy = 0; copy < copies; copy += 1) {
        const answer = await fetch(asked.body.data.callback, { method: 'POST', headers, body, signal });
        last = answer.status;
        vendor.called.push(last);
      }
    }
    return last;
  };
}

function resultOf({ body }: Asked, { outcome = 'completed' }: VendorManners) {
  if (outcome === 'failed') return { status: outcome, message: 'The profile could not be verified.' };
  const { product, stage: key } = body.data;
  const stage = workflowFor(product).stages.find((candidate) => candidate.key === key);
  return { status: outcome, result: stage ? exampleOf(stage) : {} };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function tell(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

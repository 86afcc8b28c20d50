/** What the API is made of. Everything that leaves the process is handed in, so that a test can stand between. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Clock } from '../kernel/time.ts';
import type { Models } from '../models/open.ts';
import type { Nudger } from '../queues/nudger.ts';
import type { Log } from '../runtime/log.ts';
import type { BoardPorts } from './board.ts';
import type { SharedCounts } from './http/guesses.ts';
import type { Limits } from './http/limits.ts';
import type { TrustedProxies } from './http/proxy.ts';
import type { Waiter } from './http/waiter.ts';

export interface Ports {
  models: Models;
  nudger: Nudger;
  /** Keys, links and leases. */
  clock: Clock;
  /** When things are due and happened, for people: the same clock, unless a demo lets its days pass faster. */
  business: Clock;
  log: Log;
  /** Signs what callers carry for us: cursors, and the sign-in of the queue board. */
  secret: string;
  /** Where the queue board looks; without it there is none. */
  board?: BoardPorts;
  limits?: Limits;
  /** Where API processes count guesses together; without it each counts for itself. */
  counts?: SharedCounts;
  /** Whose X-Forwarded headers are believed: so many hops, or these addresses; nobody's by default. */
  trustProxy?: TrustedProxies;
  /** The address that browsers use: cookies and the same-site check go by it. Else by that of each request. */
  publicUrl?: string;
}

/** What every route is given: the ports, and what belongs to one application. */
export interface Dependencies extends Ports {
  waiter: Waiter;
}

/** A scope of the application whose routes are validated and typed by their zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** A request and the answer to it, for what takes both. */
export interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

/** One route, or one small family: adds itself to the scope. */
export type Route = (api: Api, dependencies: Dependencies) => void;

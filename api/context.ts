/** What the API is built from. Everything that leaves the process is handed in, so that a test can stand between. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Clock } from '../kernel/time.ts';
import type { Models } from '../models/open.ts';
import type { Nudger } from '../queues/nudger.ts';
import type { Log } from '../runtime/log.ts';

export interface Dependencies {
  models: Models;
  nudger: Nudger;
  /** Keys, links and leases. */
  clock: Clock;
  /** When things are due and happened, for people: the same clock, unless a demo lets its days pass faster. */
  business: Clock;
  log: Log;
}

/** A scope of the application whose routes are validated and typed by their zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** One route, or one small family: adds itself to the scope. */
export type Route = (api: Api, dependencies: Dependencies) => void;
